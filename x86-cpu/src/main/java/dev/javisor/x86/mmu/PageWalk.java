package dev.javisor.x86.mmu;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.state.Tlb;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// One walk through the page tables (SDM 3A, 5.3 to 5.8): of four levels in IA-32e mode, of two or,
/// with CR4.PAE, three in protected mode. Its fields are the last walk's result.
final class PageWalk {
  static final int READ = 0;
  static final int WRITE = 1;
  static final int FETCH = 2;

  private static final int PHYSICAL_BITS = Cpu.PHYSICAL_BITS;

  private static final int PRESENT = 1;
  private static final int WRITABLE = 1 << 1;
  private static final int USER = 1 << 2;
  private static final int ACCESSED = 1 << 5;
  private static final int DIRTY = 1 << 6;
  private static final int LARGE = 1 << 7;
  private static final int GLOBAL = 1 << 8;
  private static final long NO_EXECUTE = 1L << 63;
  private static final long ADDRESS = (1L << PHYSICAL_BITS) - 1 & Cpu.PAGE_MASK;
  private static final long RESERVED = (1L << 52) - 1 & -(1L << PHYSICAL_BITS);
  private static final long CR0_WP = 1 << 16;
  private static final long CR0_PG = 1L << 31;
  private static final int CR4_PSE = 1 << 4;
  private static final int CR4_PAE = 1 << 5;
  private static final int CR4_PGE = 1 << 7;
  private static final int CR4_SMEP = 1 << 20;
  private static final int CR4_SMAP = 1 << 21;
  private static final int EFER_NXE = 1 << 11;
  private static final int ERROR_RESERVED = 1 << 3;
  private static final int ERROR_FETCH = 1 << 4;
  private static final int LEVELS = 4;

  private static final VarHandle LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private final PhysicalMemory memory;

  // where the entries of the walk were, and what they said, by level; level 0 is the page's own
  private final long[] at = new long[LEVELS];
  private final long[] entries = new long[LEVELS];
  private int entryBytes;

  /// The page's physical address.
  long gpa;

  /// How long the page is, in bits of offset.
  int pageBits;

  boolean isReadable;
  boolean isWritable;
  boolean isFetchable;
  boolean isGlobal;

  PageWalk(PhysicalMemory memory) {
    this.memory = memory;
  }

  /// Translates the page of `address` for `access` with the rights of the TLB's index, and marks
  /// entries accessed and dirty.
  ///
  /// @throws CpuFault `#PF`, with CR2 set
  void walk(Cpu cpu, long address, int access) {
    if ((cpu.get(Slots.CR0) & CR0_PG) == 0) {
      unpaged(address);
      return;
    }
    while (!tryWalk(cpu, address, access)) {
      // an entry changed under our hands: again from the top
    }
  }

  private void unpaged(long address) {
    gpa = address & 0xFFFF_F000L;
    pageBits = 12;
    isReadable = true;
    isWritable = true;
    isFetchable = true;
    isGlobal = false;
  }

  private boolean tryWalk(Cpu cpu, long address, int access) {
    boolean isLong = cpu.isLongActive();
    boolean isPae = isLong || (cpu.get(Slots.CR4) & CR4_PAE) != 0;
    entryBytes = isPae ? 8 : 4;
    int indexBits = isPae ? 9 : 10;
    int top = isLong ? 3 : isPae ? 2 : 1;
    long table = cpu.get(Slots.CR3) & (isLong ? ADDRESS : isPae ? 0xFFFF_FFE0L : 0xFFFF_F000L);
    long rights = USER | WRITABLE;
    long noExecute = 0;
    for (int level = top; ; level--) {
      int shift = 12 + level * indexBits;
      boolean isPointer = !isLong && isPae && level == 2;
      long mask = isPointer ? 3 : (1 << indexBits) - 1;
      at[level] = table + (address >>> shift & mask) * entryBytes;
      long entry = read(at[level]);
      entries[level] = entry;
      if ((entry & PRESENT) == 0) {
        throw fault(cpu, address, access, 0);
      }
      if (isReserved(cpu, entry, level, isPae, isLong, isPointer)) {
        throw fault(cpu, address, access, PRESENT | ERROR_RESERVED);
      }
      if (!isPointer) {
        rights &= entry;
        noExecute |= entry & NO_EXECUTE;
      }
      boolean isLarge =
          level > 0 && !isPointer && (entry & LARGE) != 0 && isLargeAllowed(cpu, isPae);
      if (level == 0 || isLarge) {
        return finish(cpu, address, access, level, top, shift, rights, noExecute);
      }
      table = entry & (isPae ? ADDRESS : 0xFFFF_F000L);
    }
  }

  private static boolean isLargeAllowed(Cpu cpu, boolean isPae) {
    return isPae || (cpu.get(Slots.CR4) & CR4_PSE) != 0;
  }

  /// SDM 3A, 5.3 to 5.5: bits that must be zero.
  private static boolean isReserved(
      Cpu cpu, long entry, int level, boolean isPae, boolean isLong, boolean isPointer) {
    if (!isPae) {
      return false;
    }
    long bits = RESERVED;
    if (isPointer) {
      bits |= 0x1E6L | NO_EXECUTE;
    } else if ((cpu.get(Slots.EFER) & EFER_NXE) == 0) {
      bits |= NO_EXECUTE;
    }
    if (level == 3) {
      bits |= LARGE;
    } else if (level > 0 && (entry & LARGE) != 0 && !isPointer) {
      bits |= (1L << 12 + 9 * level) - 1 & ~0x1FFFL;
    }
    if (!isLong) {
      bits |= 0x7FF0_0000_0000_0000L;
    }
    return (entry & bits) != 0;
  }

  /// The entry that maps the page is found: may it be used so?
  private boolean finish(
      Cpu cpu,
      long address,
      int access,
      int level,
      int top,
      int shift,
      long rights,
      long noExecute) {
    boolean isUser = cpu.tlb().isUser();
    boolean isUserPage = (rights & USER) != 0;
    boolean mayWrite = (rights & WRITABLE) != 0 || (!isUser && (cpu.get(Slots.CR0) & CR0_WP) == 0);
    long cr4 = cpu.get(Slots.CR4);
    boolean isSmapped =
        !isUser && isUserPage && (cr4 & CR4_SMAP) != 0 && cpu.tlb().index() == Tlb.SUPERVISOR;
    boolean isSmepped = !isUser && isUserPage && (cr4 & CR4_SMEP) != 0;
    boolean mayFetch = noExecute == 0 && !isSmepped;
    boolean isAllowed =
        switch (access) {
          case READ -> !isSmapped;
          case WRITE -> mayWrite && !isSmapped;
          default -> mayFetch;
        };
    if (!isAllowed || (isUser && !isUserPage)) {
      throw fault(cpu, address, access, PRESENT);
    }
    boolean isPointerTop = !cpu.isLongActive() && entryBytes == 8;
    if (!mark(level, isPointerTop ? 1 : top, access == WRITE)) {
      return false;
    }
    long entry = entries[level];
    pageBits = shift;
    gpa = large(entry, shift) | address & (1L << shift) - 1 & Cpu.PAGE_MASK;
    isReadable = !isSmapped;
    isWritable = mayWrite && !isSmapped && (entry & DIRTY) != 0;
    isFetchable = mayFetch;
    isGlobal = (entry & GLOBAL) != 0 && (cr4 & CR4_PGE) != 0;
    return true;
  }

  /// The page's base: with PSE and 4-byte entries bits 13 to 20 are its bits 32 to 39.
  private long large(long entry, int shift) {
    if (shift == 22) {
      return entry & 0xFFC0_0000L | (entry >>> 13 & 0xFF) << 32;
    }
    return entry & (entryBytes == 8 ? ADDRESS : 0xFFFF_F000L) & -(1L << shift);
  }

  /// Sets the accessed flags, and the page's dirty flag; false when an entry has changed meanwhile.
  private boolean mark(int level, int top, boolean dirty) {
    for (int i = top; i >= level; i--) {
      long wanted = entries[i] | ACCESSED | (i == level && dirty ? DIRTY : 0);
      if (wanted != entries[i] && !replace(at[i], entries[i], wanted)) {
        return false;
      }
      entries[i] = wanted;
    }
    return true;
  }

  private boolean replace(long where, long old, long wanted) {
    if (!memory.isRam(where)) {
      return true;
    }
    boolean done =
        entryBytes == 8
            ? LONG.compareAndSet(ram(), where, old, wanted)
            : INT.compareAndSet(ram(), where, (int) old, (int) wanted);
    if (done && memory.hasCode(where)) {
      memory.written(where, entryBytes);
    }
    return done;
  }

  /// Where no RAM is there are no tables either.
  private long read(long where) {
    if (!memory.isRam(where)) {
      return 0;
    }
    return entryBytes == 8
        ? (long) LONG.getAcquire(ram(), where)
        : (int) INT.getAcquire(ram(), where) & 0xFFFF_FFFFL;
  }

  private MemorySegment ram() {
    return memory.ram();
  }

  /// SDM 3A, 5.7.
  private static CpuFault fault(Cpu cpu, long address, int access, int bits) {
    int code = bits;
    if (access == WRITE) {
      code |= WRITABLE;
    }
    if (cpu.tlb().isUser()) {
      code |= USER;
    }
    boolean tellsFetch =
        (cpu.get(Slots.EFER) & EFER_NXE) != 0 || (cpu.get(Slots.CR4) & CR4_SMEP) != 0;
    if (access == FETCH && tellsFetch) {
      code |= ERROR_FETCH;
    }
    cpu.set(Slots.CR2, address);
    return cpu.fault(CpuFault.PF, code);
  }
}
