package dev.javisor.images.kernel;

import dev.javisor.vmm.hypervisor.VcpuState.DescriptorTable;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import dev.javisor.vmm.memory.GuestMemory;
import java.lang.foreign.MemorySegment;

/// The two processor states a kernel is entered in, and the tables in memory they rest on. The
/// selectors are those boot.rst asks for: code 0x10, data 0x18.
final class EntryState {
  private static final int CODE_SELECTOR = 0x10;
  private static final int DATA_SELECTOR = 0x18;
  private static final int TASK_SELECTOR = 0x20;
  private static final long GDT_CODE_64 = 0x00AF9B000000FFFFL;
  private static final long GDT_CODE_32 = 0x00CF9B000000FFFFL;
  private static final long GDT_DATA = 0x00CF93000000FFFFL;
  private static final long GDT_TASK = 0x00008B0000000067L;
  private static final int GDT_BYTES = 0x30; // a 64-bit TSS descriptor takes two slots

  private static final long CR0_PROTECTED = 1 | 1 << 4; // PE, ET
  private static final long CR0_PAGING = 1L << 31;
  private static final long CR4_PAE = 1 << 5;
  private static final long EFER_LONG_MODE = 1 << 8 | 1 << 10; // LME, LMA
  private static final long APIC_BASE = 0xFEE00000L | 1 << 11 | 1 << 8; // enabled, boot processor

  private static final long PRESENT_WRITABLE = 3;
  private static final long LARGE_PAGE = 1 << 7;
  private static final int IDENTITY_GIB = 4;
  private static final long PAGE_BYTES = 4096;
  private static final int TABLE_ENTRIES = 512;

  /// 64-bit mode at `rip`, RSI naming the zero page, the low 4 GiB mapped to themselves
  /// (boot.rst, "64-bit Boot Protocol").
  static BootEntry linux(GuestMemory memory, long rip) {
    writeGdt(memory, GDT_CODE_64);
    writeIdentityMap(memory);
    return new BootEntry(
        Registers.at(rip).withRsi(LowMemory.ZERO_PAGE).withRsp(LowMemory.STACK),
        system(
            Segment.CODE_64,
            CR0_PROTECTED | CR0_PAGING,
            LowMemory.PAGE_TABLES,
            CR4_PAE,
            EFER_LONG_MODE));
  }

  /// 32-bit protected mode without paging at `rip`, EBX naming the start info (PVH).
  static BootEntry pvh(GuestMemory memory, long rip) {
    writeGdt(memory, GDT_CODE_32);
    return new BootEntry(
        Registers.at(rip).withRbx(LowMemory.START_INFO).withRsp(LowMemory.STACK),
        system(Segment.CODE_32, CR0_PROTECTED, 0, 0, 0));
  }

  private static SystemRegisters system(int code, long cr0, long cr3, long cr4, long efer) {
    Segment data = Segment.flat(DATA_SELECTOR, Segment.DATA_32);
    return new SystemRegisters(
        Segment.flat(CODE_SELECTOR, code),
        data,
        data,
        data,
        data,
        data,
        new Segment(0, 0x67, TASK_SELECTOR, Segment.TSS_BUSY),
        new Segment(0, 0, 0, Segment.UNUSABLE),
        new DescriptorTable(LowMemory.GDT, GDT_BYTES - 1),
        new DescriptorTable(0, 0),
        cr0,
        0,
        cr3,
        cr4,
        0,
        efer,
        APIC_BASE);
  }

  private static void writeGdt(GuestMemory memory, long code) {
    long[] gdt = new long[GDT_BYTES / Long.BYTES];
    gdt[CODE_SELECTOR / Long.BYTES] = code;
    gdt[DATA_SELECTOR / Long.BYTES] = GDT_DATA;
    gdt[TASK_SELECTOR / Long.BYTES] = GDT_TASK;
    write(memory, LowMemory.GDT, gdt);
  }

  /// Level 4 → level 3 → one level 2 for each GiB, of 2 MiB pages.
  private static void writeIdentityMap(GuestMemory memory) {
    int level3 = TABLE_ENTRIES;
    int level2 = 2 * TABLE_ENTRIES;
    long[] tables = new long[(2 + IDENTITY_GIB) * TABLE_ENTRIES];
    tables[0] = LowMemory.PAGE_TABLES + PAGE_BYTES | PRESENT_WRITABLE;
    for (int gib = 0; gib < IDENTITY_GIB; gib++) {
      tables[level3 + gib] = LowMemory.PAGE_TABLES + (2 + gib) * PAGE_BYTES | PRESENT_WRITABLE;
    }
    for (int page = 0; page < IDENTITY_GIB * TABLE_ENTRIES; page++) {
      tables[level2 + page] = (long) page << 21 | LARGE_PAGE | PRESENT_WRITABLE;
    }
    write(memory, LowMemory.PAGE_TABLES, tables);
  }

  private static void write(GuestMemory memory, long gpa, long[] words) {
    memory.write(gpa, MemorySegment.ofArray(words));
  }

  private EntryState() {}
}
