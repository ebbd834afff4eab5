package dev.javisor.x86.fuzz;

import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.DebugRegisters;
import dev.javisor.vmm.hypervisor.VcpuState.DescriptorTable;
import dev.javisor.vmm.hypervisor.VcpuState.Events;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.RunState;
import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import dev.javisor.x86.decode.Mode;
import java.util.SortedMap;
import java.util.TreeMap;

/// States of a vCPU to begin in: of every mode, and such as no processor was ever in.
final class RandomState {
  /// How a guest begins.
  enum Entry {
    REAL(Mode.CODE16, 0x10, 0x600, 0),
    PROTECTED(Mode.CODE32, 0x33, 0x600, 0),
    PAGED(Mode.CODE32, 0x8001_0033L, 0x690, 0),
    PAE(Mode.CODE32, 0x8001_0033L, 0x6A0, 0x800),
    LONG(Mode.LONG, 0x8001_0033L, 0x6A0, 0xD01),
    COMPATIBILITY(Mode.CODE32, 0x8001_0033L, 0x6A0, 0xD01),
    USER(Mode.LONG, 0x8001_0033L, 0x6A0, 0xD01),
    VIRTUAL_8086(Mode.CODE16, 0x8001_0033L, 0x690, 0),
    PROTECTED_16(Mode.CODE16, 0x33, 0x600, 0),
    WILD(Mode.LONG, 0x8001_0033L, 0x6A0, 0xD01);

    final Mode mode;
    private final long cr0;
    private final long cr4;
    private final long efer;

    Entry(Mode mode, long cr0, long cr4, long efer) {
      this.mode = mode;
      this.cr0 = cr0;
      this.cr4 = cr4;
      this.efer = efer;
    }

    boolean isLong() {
      return (efer & 0x400) != 0;
    }
  }

  private static final Entry[] ENTRIES = Entry.values();
  private static final long VM = 1 << 17;

  private final Chance chance;
  private final VcpuState reset;

  /// @param reset what a vCPU says that has not run
  RandomState(Chance chance, VcpuState reset) {
    this.chance = chance;
    this.reset = reset;
  }

  Entry entry() {
    return switch (chance.below(8)) {
      case 0, 1 -> Entry.LONG;
      case 2 -> Entry.WILD;
      default -> ENTRIES[chance.below(ENTRIES.length)];
    };
  }

  VcpuState state(Entry entry) {
    boolean isWild = entry == Entry.WILD;
    return new VcpuState(
        registers(entry),
        isWild ? wildSystem() : system(entry),
        xsave(isWild),
        isWild ? chance.number() : 3,
        isWild || chance.oneIn(20) ? debug() : DebugRegisters.RESET,
        isWild ? wildMsrs() : reset.msrs(),
        isWild && chance.oneIn(20) ? chance.below(10) : reset.tscKhz(),
        apic(isWild),
        isWild ? wildEvents() : Events.NONE,
        isWild && chance.oneIn(4)
            ? RunState.values()[chance.below(RunState.values().length)]
            : RunState.RUNNABLE);
  }

  private Registers registers(Entry entry) {
    long flags = 2 | (chance.oneIn(2) ? 0x200 : 0) | chance.bits() & 0xCD5;
    if (chance.oneIn(20)) {
      flags |= 0x100; // TF
    }
    if (entry == Entry.VIRTUAL_8086) {
      flags |= VM | (long) chance.below(4) << 12;
    } else if (entry == Entry.WILD) {
      flags = chance.number();
    }
    boolean has16 = entry == Entry.REAL || entry == Entry.VIRTUAL_8086;
    long rip = has16 ? chance.below(16) : Layout.CODE + chance.below(64);
    return new Registers(
        chance.address(),
        chance.address(),
        chance.oneIn(2) ? chance.below(100) : chance.address(),
        chance.address(),
        chance.address(),
        chance.address(),
        has16 ? 0xF000 : Layout.STACK,
        chance.address(),
        chance.address(),
        chance.address(),
        chance.address(),
        chance.address(),
        chance.address(),
        chance.address(),
        chance.address(),
        chance.address(),
        entry == Entry.WILD && chance.oneIn(3) ? chance.address() : rip,
        flags);
  }

  // ---------------------------------------------------------------- system registers

  private SystemRegisters system(Entry entry) {
    return switch (entry) {
      case REAL -> with(entry, real(Layout.CODE, Segment.CODE_16), real(0, Segment.DATA_16));
      case VIRTUAL_8086 -> with(entry, real(Layout.CODE, 0xF3), real(0, 0xF3));
      case LONG -> with(entry, flat(Layout.CODE_64, Segment.CODE_64), data());
      case USER -> with(entry, flat(Layout.USER_CODE_64, Segment.CODE_64 | 0x60), userData());
      case PROTECTED_16 -> with(entry, new Segment(0, 0xF_FFFF, Layout.CODE_16, 0x9B), data());
      default -> with(entry, flat(Layout.CODE_32, Segment.CODE_32), data());
    };
  }

  private static Segment real(int base, int attributes) {
    return new Segment(base, 0xFFFF, base >> 4, attributes);
  }

  private static Segment flat(int selector, int attributes) {
    return Segment.flat(selector, attributes);
  }

  private static Segment data() {
    return flat(Layout.DATA_32, Segment.DATA_32);
  }

  private static Segment userData() {
    return flat(Layout.USER_DATA, Segment.DATA_32 | 0x60);
  }

  private SystemRegisters with(Entry entry, Segment code, Segment data) {
    boolean hasTwoLevels = (entry.cr4 & 1 << 5) == 0;
    long root = hasTwoLevels ? Layout.DIRECTORY : entry.isLong() ? Layout.LEVEL_4 : Layout.POINTERS;
    return new SystemRegisters(
        code,
        data,
        data,
        data,
        data,
        data,
        new Segment(Layout.TSS, 0x67, Layout.TASK, Segment.TSS_BUSY),
        new Segment(Layout.LDT, 0xFF, Layout.LOCAL_TABLE, 0x82),
        new DescriptorTable(Layout.GDT, Layout.GDT_ENTRIES * 8 - 1),
        new DescriptorTable(entry == Entry.REAL ? 0 : Layout.IDT, 0xFFF),
        entry.cr0,
        0,
        root,
        entry.cr4,
        0,
        entry.efer,
        reset.system().apicBase());
  }

  private SystemRegisters wildSystem() {
    SystemRegisters sane = system(ENTRIES[chance.below(ENTRIES.length - 1)]);
    return new SystemRegisters(
        wild(sane.cs()),
        wild(sane.ds()),
        wild(sane.es()),
        wild(sane.fs()),
        wild(sane.gs()),
        wild(sane.ss()),
        wild(sane.tr()),
        wild(sane.ldt()),
        wild(sane.gdt()),
        wild(sane.idt()),
        wild(sane.cr0()),
        chance.number(),
        wild(sane.cr3()),
        wild(sane.cr4()),
        wild(sane.cr8()),
        wild(sane.efer()),
        wild(sane.apicBase()));
  }

  private Segment wild(Segment sane) {
    if (!chance.oneIn(4)) {
      return sane;
    }
    return new Segment(
        chance.address(), (int) chance.number(), (int) chance.number(), (int) chance.number());
  }

  private DescriptorTable wild(DescriptorTable sane) {
    return chance.oneIn(4) ? new DescriptorTable(chance.address(), (int) chance.number()) : sane;
  }

  private long wild(long sane) {
    return chance.oneIn(4) ? chance.number() : chance.oneIn(3) ? sane ^ flip() : sane;
  }

  private long flip() {
    return 1L << chance.below(64);
  }

  // ---------------------------------------------------------------- the rest

  private byte[] xsave(boolean isWild) {
    byte[] area = reset.xsave().clone();
    if (isWild && chance.oneIn(20)) {
      return new byte[chance.below(1024)];
    }
    int from = isWild ? 0 : 32;
    int to = isWild ? area.length : 416;
    if (chance.oneIn(2)) {
      for (int i = from; i < to; i++) {
        area[i] = (byte) chance.bits();
      }
    }
    return area;
  }

  private DebugRegisters debug() {
    return new DebugRegisters(
        chance.address(),
        chance.address(),
        chance.address(),
        chance.address(),
        chance.number(),
        chance.number());
  }

  private SortedMap<Integer, Long> wildMsrs() {
    SortedMap<Integer, Long> msrs = new TreeMap<>(reset.msrs());
    for (int i = chance.below(8); i > 0; i--) {
      msrs.put((int) chance.number(), chance.number());
    }
    for (int number : reset.msrs().keySet()) {
      if (chance.oneIn(4)) {
        msrs.put(number, chance.oneIn(2) ? chance.address() : chance.number());
      }
    }
    return msrs;
  }

  private byte[] apic(boolean isWild) {
    byte[] page = reset.apic().clone();
    page[0xF1] |= 1; // enabled by software
    if (isWild && chance.oneIn(2)) {
      for (int i = chance.below(page.length); i > 0; i--) {
        page[chance.below(page.length)] = (byte) chance.bits();
      }
    }
    return page;
  }

  private Events wildEvents() {
    return new Events(
        chance.oneIn(4) ? chance.below(300) : -1,
        chance.oneIn(2),
        chance.oneIn(2),
        (int) chance.bits(),
        chance.oneIn(2),
        chance.bits(),
        chance.oneIn(4) ? chance.below(300) : -1,
        chance.oneIn(2),
        chance.oneIn(2) ? (int) chance.number() : 0,
        chance.oneIn(2),
        chance.below(3),
        chance.oneIn(2),
        (int) chance.number(),
        (int) chance.number());
  }
}
