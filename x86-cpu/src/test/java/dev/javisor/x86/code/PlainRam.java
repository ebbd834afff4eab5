package dev.javisor.x86.code;

import dev.javisor.x86.mmu.PhysicalMemory;
import dev.javisor.x86.state.Cpu;
import java.lang.foreign.MemorySegment;

/// RAM and nothing else.
record PlainRam(MemorySegment ram, CodeCache code) implements PhysicalMemory {

  @Override
  public boolean isRam(long gpa) {
    return gpa >= 0 && gpa < ram.byteSize();
  }

  @Override
  public long read(long gpa, int size) {
    throw new AssertionError();
  }

  @Override
  public void write(long gpa, int size, long value) {
    throw new AssertionError();
  }

  @Override
  public int fetch(long gpa, byte[] into, int size) {
    return 0;
  }

  @Override
  public boolean hasCode(long gpa) {
    return code.hasCode(gpa);
  }

  @Override
  public boolean grantsWrite(Cpu cpu, long gpa) {
    return code.grantsWrite(cpu, gpa);
  }

  @Override
  public void written(long gpa, int size) {
    code.written(gpa, size);
  }

  @Override
  public boolean isClean(long gpa) {
    return false;
  }

  @Override
  public void noteDirty(long gpa) {}
}
