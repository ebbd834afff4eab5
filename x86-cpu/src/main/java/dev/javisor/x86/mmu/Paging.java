package dev.javisor.x86.mmu;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.SlowMemory;
import dev.javisor.x86.state.Tlb;
import dev.javisor.x86.system.Breakpoints;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Memory behind the TLB, of one vCPU.
public final class Paging implements SlowMemory {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final PhysicalMemory memory;
  private final PageWalk walk;

  // Where large pages were entered: INVLPG in there drops all, since one may have left many
  // entries.
  private long largeFrom = -1;
  private long largeTo;

  public Paging(PhysicalMemory memory) {
    this.memory = memory;
    this.walk = new PageWalk(memory);
  }

  /// The physical address for `access` to `address`; enters the page into the TLB if it is RAM.
  private long translate(Cpu cpu, long address, int access) {
    if (address << 16 >> 16 != address) {
      throw cpu.nonCanonical();
    }
    walk.walk(cpu, address, access);
    long page = address & Cpu.PAGE_MASK;
    if (memory.isRam(walk.gpa)) {
      if (access == PageWalk.WRITE) {
        memory.noteDirty(walk.gpa);
      }
      boolean write = walk.isWritable && memory.grantsWrite(cpu, walk.gpa);
      boolean free = !Breakpoints.isWatched(cpu, page) && !isChecked(cpu);
      cpu.tlb()
          .fill(
              page,
              walk.gpa,
              free && walk.isReadable,
              free && write,
              walk.isFetchable,
              walk.isGlobal);
      if (walk.pageBits > 12) {
        noteLarge(page);
      }
    }
    return walk.gpa | address & 4095;
  }

  private void noteLarge(long page) {
    if (largeFrom == -1 && largeTo == 0) {
      largeFrom = page;
      largeTo = page;
    } else if (Long.compareUnsigned(page, largeFrom) < 0) {
      largeFrom = page;
    } else if (Long.compareUnsigned(page, largeTo) > 0) {
      largeTo = page;
    }
  }

  /// Copies up to `into.length` bytes of code at `address`, where no RAM is, and says how many:
  /// those of read-only memory, within the page; 0 elsewhere.
  public int fetchForeign(Cpu cpu, long address, byte[] into) {
    long gpa = translate(cpu, address, PageWalk.FETCH);
    return memory.fetch(gpa, into, Math.min(into.length, 4096 - (int) (gpa & 4095)));
  }

  /// The offset in RAM of the page to fetch from at `address`, or -1 where there is no RAM.
  ///
  /// @throws dev.javisor.x86.state.CpuFault `#PF`
  public long fetch(Cpu cpu, long address) {
    long at = cpu.tlb().fetchOffset(address);
    if (at < 0) {
      at = translate(cpu, address, PageWalk.FETCH);
      if (!memory.isRam(at)) {
        return -1;
      }
    }
    return at & Cpu.PAGE_MASK;
  }

  private static boolean isSplit(long address, int size) {
    return (address & 4095) + size > 4096;
  }

  @Override
  public long load(Cpu cpu, long address, int size) {
    Breakpoints.note(cpu, address, size, false);
    if (isSplit(address, size)) {
      return loadSplit(cpu, address, size);
    }
    long gpa = translate(cpu, address, PageWalk.READ);
    checkAlignment(cpu, address, size);
    return memory.isRam(gpa) ? get(gpa, size) : memory.read(gpa, size);
  }

  private long loadSplit(Cpu cpu, long address, int size) {
    int first = 4096 - (int) (address & 4095);
    long low = piece(translate(cpu, address, PageWalk.READ), first);
    long high = piece(translate(cpu, address + first, PageWalk.READ), size - first);
    checkAlignment(cpu, address, size);
    return low | high << 8 * first;
  }

  /// 1 to 7 bytes of one page.
  private long piece(long gpa, int size) {
    if (!memory.isRam(gpa)) {
      return memory.read(gpa, size);
    }
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= get(gpa + i, 1) << 8 * i;
    }
    return value;
  }

  private long get(long gpa, int size) {
    MemorySegment ram = memory.ram();
    long value =
        switch (size) {
          case 1 -> ram.get(ValueLayout.JAVA_BYTE, gpa) & 0xFFL;
          case 2 -> ram.get(U16, gpa) & 0xFFFFL;
          case 4 -> ram.get(U32, gpa) & 0xFFFF_FFFFL;
          default -> ram.get(U64, gpa);
        };
    VarHandle.acquireFence();
    return value;
  }

  @Override
  public void store(Cpu cpu, long address, int size, long value) {
    Breakpoints.note(cpu, address, size, true);
    if (isSplit(address, size)) {
      storeSplit(cpu, address, size, value);
      return;
    }
    long gpa = translate(cpu, address, PageWalk.WRITE);
    checkAlignment(cpu, address, size);
    if (memory.isRam(gpa)) {
      put(gpa, size, value);
    } else {
      memory.write(gpa, size, value);
    }
  }

  private void storeSplit(Cpu cpu, long address, int size, long value) {
    int first = 4096 - (int) (address & 4095);
    long low = translate(cpu, address, PageWalk.WRITE);
    long high = translate(cpu, address + first, PageWalk.WRITE);
    checkAlignment(cpu, address, size);
    piece(low, first, value & (1L << 8 * first) - 1);
    piece(high, size - first, value >>> 8 * first);
  }

  private void piece(long gpa, int size, long value) {
    if (!memory.isRam(gpa)) {
      memory.write(gpa, size, value);
      return;
    }
    for (int i = 0; i < size; i++) {
      put(gpa + i, 1, value >>> 8 * i);
    }
  }

  private void put(long gpa, int size, long value) {
    MemorySegment ram = memory.ram();
    VarHandle.releaseFence();
    switch (size) {
      case 1 -> ram.set(ValueLayout.JAVA_BYTE, gpa, (byte) value);
      case 2 -> ram.set(U16, gpa, (short) value);
      case 4 -> ram.set(U32, gpa, (int) value);
      default -> ram.set(U64, gpa, value);
    }
    if (memory.hasCode(gpa)) {
      memory.written(gpa, size);
    }
  }

  private static boolean isChecked(Cpu cpu) {
    return cpu.tlb().index() == Tlb.USER_ALIGNED;
  }

  /// `#AC(0)` where a user has asked for it.
  private static void checkAlignment(Cpu cpu, long address, int size) {
    if (isChecked(cpu) && (address & size - 1) != 0) {
      throw cpu.fault(CpuFault.AC);
    }
  }

  @Override
  public void probeStore(Cpu cpu, long address, int size) {
    long unused = translate(cpu, address, PageWalk.WRITE);
    if (isSplit(address, size)) {
      // the first byte of the second page is the one that CR2 names
      unused = translate(cpu, address + size - 1 & Cpu.PAGE_MASK, PageWalk.WRITE);
    }
    checkAlignment(cpu, address, size);
  }

  @Override
  public long atomicOffset(Cpu cpu, long address, int size) {
    long known = cpu.tlb().writeOffset(address, size);
    if (known >= 0 || isSplit(address, size)) {
      return known;
    }
    Breakpoints.note(cpu, address, size, true);
    long gpa = translate(cpu, address, PageWalk.WRITE);
    checkAlignment(cpu, address, size);
    return memory.isRam(gpa) ? gpa : -1;
  }

  @Override
  public void changed(long offset, int size) {
    memory.written(offset, size);
  }

  @Override
  public void flush(Cpu cpu, boolean global) {
    cpu.tlb().flush(global);
    cpu.witness().flushed(cpu, global);
    if (global) {
      largeFrom = -1;
      largeTo = 0;
    }
  }

  @Override
  public void flushPage(Cpu cpu, long address) {
    boolean mayBeLarge =
        Long.compareUnsigned(address | 0x3FFF_FFFFL, largeFrom) >= 0
            && Long.compareUnsigned(address & -0x4000_0000L, largeTo) <= 0;
    if (mayBeLarge) {
      flush(cpu, true);
    } else {
      cpu.tlb().flushPage(address);
    }
  }
}
