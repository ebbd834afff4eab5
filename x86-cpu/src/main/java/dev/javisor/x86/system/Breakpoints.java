package dev.javisor.x86.system;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;

/// The four breakpoints of DR0 to DR3 (SDM 3B, 19.2).
public final class Breakpoints {
  private static final int ENABLED = 0xFF;
  private static final int COUNT = 4;
  private static final int ON_FETCH = 0;
  private static final int ON_WRITE = 1;
  private static final int ON_PORT = 2;
  private static final int ON_ACCESS = 3;
  private static final long CR4_DE = 1 << 3;

  private Breakpoints() {}

  /// Whether there is any; if so, instructions go one by one.
  public static boolean any(Cpu cpu) {
    return (cpu.get(Slots.DR7) & ENABLED) != 0;
  }

  /// DR6's bits of those for the instruction at `linear`.
  public static long ofFetch(Cpu cpu, long linear) {
    long hits = 0;
    for (int i = 0; i < COUNT; i++) {
      boolean isIt = isEnabled(cpu, i) && kind(cpu, i) == ON_FETCH;
      if (isIt && cpu.get(Slots.DR0 + 8 * i) == linear) {
        hits |= 1L << i;
      }
    }
    return hits;
  }

  /// Notes which of them an access meets; they become a trap behind the instruction.
  public static void note(Cpu cpu, long linear, int size, boolean write) {
    if (any(cpu)) {
      cpu.set(
          Slots.DEBUG_HITS, cpu.get(Slots.DEBUG_HITS) | ofData(cpu, linear, linear + size, write));
    }
  }

  /// The same for the ports from `port` on. Without CR4.DE that kind of breakpoint is none.
  public static void notePorts(Cpu cpu, int port, int size) {
    if (!any(cpu) || (cpu.get(Slots.CR4) & CR4_DE) == 0) {
      return;
    }
    long hits = 0;
    for (int i = 0; i < COUNT; i++) {
      if (isEnabled(cpu, i) && kind(cpu, i) == ON_PORT && meets(cpu, i, port, port + size)) {
        hits |= 1L << i;
      }
    }
    cpu.set(Slots.DEBUG_HITS, cpu.get(Slots.DEBUG_HITS) | hits);
  }

  /// Whether accesses to the page at `page` have to be looked at.
  public static boolean isWatched(Cpu cpu, long page) {
    return any(cpu) && ofData(cpu, page, page + 4096, true) != 0;
  }

  private static long ofData(Cpu cpu, long from, long to, boolean write) {
    long hits = 0;
    for (int i = 0; i < COUNT; i++) {
      int kind = kind(cpu, i);
      boolean isIt = isEnabled(cpu, i) && (kind == ON_ACCESS || (write && kind == ON_WRITE));
      if (isIt && meets(cpu, i, from, to)) {
        hits |= 1L << i;
      }
    }
    return hits;
  }

  /// Its low address bits do not count, by its length.
  private static boolean meets(Cpu cpu, int number, long from, long to) {
    int length = field(cpu, number) >> 2;
    long size = length == 2 ? 8 : length + 1;
    long at = cpu.get(Slots.DR0 + 8 * number) & -size;
    return at - to < 0 && from - (at + size) < 0;
  }

  private static boolean isEnabled(Cpu cpu, int number) {
    return (cpu.get(Slots.DR7) >>> 2 * number & 3) != 0;
  }

  private static int kind(Cpu cpu, int number) {
    return field(cpu, number) & 3;
  }

  /// LEN and R/W.
  private static int field(Cpu cpu, int number) {
    return (int) (cpu.get(Slots.DR7) >>> 16 + 4 * number) & 15;
  }
}
