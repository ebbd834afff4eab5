package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.x86.mmu.PhysicalMemory;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Platform;
import java.lang.foreign.MemorySegment;

/// What the interpreter stands on: RAM that begins with scratch memory, page tables behind it that
/// map it, for a user, at [GuestMap#SCRATCH] and nothing else, and a world in which nothing is.
final class CaseMachine implements PhysicalMemory, Platform {
  private static final int PAGE_BYTES = 4096;
  private static final int TABLES = GuestMap.SCRATCH_BYTES;
  private static final int RAM_BYTES = TABLES + 4 * PAGE_BYTES;

  /// Present, writable, user, accessed, dirty (SDM 3A, 4.5.4).
  private static final long ENTRY = 0x67;

  private final MemorySegment ram = MemorySegment.ofArray(new long[RAM_BYTES / Long.BYTES]);

  CaseMachine() {
    for (int level = 0; level < 3; level++) {
      long index = GuestMap.SCRATCH >>> (39 - 9 * level) & 511;
      long next = TABLES + (level + 1L) * PAGE_BYTES;
      ram.set(JAVA_LONG, TABLES + (long) level * PAGE_BYTES + index * 8, next | ENTRY);
    }
    for (int page = 0; page < GuestMap.SCRATCH_BYTES; page += PAGE_BYTES) {
      long index = (GuestMap.SCRATCH + page) >>> 12 & 511;
      ram.set(JAVA_LONG, TABLES + 3L * PAGE_BYTES + index * 8, page | ENTRY);
    }
  }

  /// For CR3.
  long tables() {
    return TABLES;
  }

  MemorySegment scratch() {
    return ram.asSlice(0, GuestMap.SCRATCH_BYTES);
  }

  @Override
  public MemorySegment ram() {
    return ram;
  }

  @Override
  public boolean isRam(long gpa) {
    return gpa >= 0 && gpa < RAM_BYTES;
  }

  @Override
  public long read(long gpa, int size) {
    return -1L >>> (64 - 8 * size);
  }

  @Override
  public void write(long gpa, int size, long value) {}

  @Override
  public int fetch(long gpa, byte[] into, int size) {
    return 0;
  }

  @Override
  public boolean isClean(long gpa) {
    return false;
  }

  @Override
  public void noteDirty(long gpa) {
    // no log is kept
  }

  @Override
  public boolean hasCode(long gpa) {
    return false;
  }

  @Override
  public void written(long gpa, int size) {}

  @Override
  public long in(int port, int size) {
    return -1L >>> (64 - 8 * size);
  }

  @Override
  public void out(int port, int size, long value) {}

  @Override
  public void completed() {}

  @Override
  public long readMsr(Cpu cpu, int index) {
    throw cpu.fault(CpuFault.GP);
  }

  @Override
  public void writeMsr(Cpu cpu, int index, long value) {
    throw cpu.fault(CpuFault.GP);
  }

  @Override
  public void cpuid(Cpu cpu, int leaf, int subleaf, int[] into) {}

  @Override
  public long tsc(Cpu cpu) {
    return 0;
  }

  @Override
  public long cr8(Cpu cpu) {
    return 0;
  }

  @Override
  public void cr8(Cpu cpu, long value) {}
}
