package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.SlowMemory;
import dev.javisor.x86.state.Slots;

/// Scratch memory as a user program has it, for the interpreter: its RAM begins with it, and it is
/// mapped at [GuestMap#SCRATCH], and nothing else is.
final class CaseMemory implements SlowMemory {
  private static final int USER = 4;
  private static final int WRITE = 2;
  private static final int PAGE_BYTES = 4096;

  @Override
  public long load(Cpu cpu, long address, int size) {
    require(cpu, address, size, 0);
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | cpu.ram().get(JAVA_BYTE, offset(address + i)) & 0xFF;
    }
    return value;
  }

  @Override
  public void store(Cpu cpu, long address, int size, long value) {
    require(cpu, address, size, WRITE);
    for (int i = 0; i < size; i++) {
      cpu.ram().set(JAVA_BYTE, offset(address + i), (byte) (value >> (8 * i)));
    }
  }

  @Override
  public void probeStore(Cpu cpu, long address, int size) {
    require(cpu, address, size, WRITE);
  }

  @Override
  public long atomicOffset(Cpu cpu, long address, int size) {
    require(cpu, address, size, WRITE);
    boolean inOnePage = (address & PAGE_BYTES - 1) + size <= PAGE_BYTES;
    return inOnePage ? offset(address) : -1;
  }

  private static long offset(long address) {
    return address - GuestMap.SCRATCH;
  }

  /// Faults unless all bytes are there; else their pages are at hand from now on.
  private static void require(Cpu cpu, long address, int size, int write) {
    long last = address + size - 1;
    if (address << 16 >> 16 != address || last << 16 >> 16 != last) {
      throw cpu.nonCanonical();
    }
    requirePage(cpu, address, write);
    if ((last & Cpu.PAGE_MASK) != (address & Cpu.PAGE_MASK)) {
      requirePage(cpu, last & Cpu.PAGE_MASK, write);
    }
  }

  private static void requirePage(Cpu cpu, long address, int write) {
    long offset = offset(address);
    if (offset < 0 || offset >= GuestMap.SCRATCH_BYTES) {
      cpu.set(Slots.CR2, address);
      throw cpu.fault(CpuFault.PF, USER | write);
    }
    long page = address & Cpu.PAGE_MASK;
    cpu.tlb().fill(page, offset(page), true, true, false, false);
  }

  @Override
  public void flush(Cpu cpu, boolean global) {
    cpu.tlb().flush(global);
  }

  @Override
  public void flushPage(Cpu cpu, long address) {
    cpu.tlb().flushPage(address);
  }
}
