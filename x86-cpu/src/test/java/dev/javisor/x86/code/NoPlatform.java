package dev.javisor.x86.code;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Platform;

/// A platform that nobody asks for anything.
public final class NoPlatform implements Platform {
  @Override
  public void completed() {}

  @Override
  public long in(int port, int size) {
    throw new AssertionError();
  }

  @Override
  public void out(int port, int size, long value) {
    throw new AssertionError();
  }

  @Override
  public long readMsr(Cpu cpu, int index) {
    throw new AssertionError();
  }

  @Override
  public void writeMsr(Cpu cpu, int index, long value) {
    throw new AssertionError();
  }

  @Override
  public void cpuid(Cpu cpu, int leaf, int subleaf, int[] into) {
    throw new AssertionError();
  }

  @Override
  public long tsc(Cpu cpu) {
    throw new AssertionError();
  }

  @Override
  public long cr8(Cpu cpu) {
    throw new AssertionError();
  }

  @Override
  public void cr8(Cpu cpu, long value) {
    throw new AssertionError();
  }
}
