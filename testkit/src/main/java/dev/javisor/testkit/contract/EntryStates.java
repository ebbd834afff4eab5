package dev.javisor.testkit.contract;

import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState.DescriptorTable;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The two states in which payloads begin, and the tables in RAM the second one rests on.
final class EntryStates {
  /// Interrupt vector table of real mode at 0; everything below 0x10000 is a real-mode payload's.
  static final int PAGE_TABLES = 0x20000;

  static final int GDT = 0x28000;
  static final int IDT = 0x29000;
  static final int STACK = 0x38000;

  static final int CODE_SELECTOR = 0x10;
  static final int DATA_SELECTOR = 0x18;
  static final int TASK_SELECTOR = 0x20;
  private static final int GDT_BYTES = 0x30;
  private static final int IDT_BYTES = 256 * 16;

  private static final long CR0 = 1L << 31 | 1 << 5 | 1 << 4 | 1 << 1 | 1; // PG NE ET MP PE
  private static final long CR4 = 1 << 10 | 1 << 9 | 1 << 5; // OSXMMEXCPT OSFXSR PAE
  private static final long EFER = 1 << 11 | 1 << 10 | 1 << 8; // NXE LMA LME

  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// What a reset leaves (SDM 3A, table 10-1); of the task, what entering a guest wants.
  private static final Segment RESET_TASK = new Segment(0, 0xFFFF, 0, Segment.TSS_BUSY);

  private static final Segment RESET_LDT = new Segment(0, 0xFFFF, 0, 0x82);
  private static final long RESET_CR0 = 0x6000_0010;
  private static final long APIC_BASE = 0xFEE0_0900L;

  private EntryStates() {}

  /// Real mode at 0000:`ip`, interrupts off, data segments 0.
  static void enterRealMode(Vcpu vcpu, int ip) {
    Segment data = Segment.real(0, Segment.DATA_16);
    vcpu.enter(
        Registers.at(ip),
        new SystemRegisters(
            Segment.real(0, Segment.CODE_16),
            data,
            data,
            data,
            data,
            data,
            RESET_TASK,
            RESET_LDT,
            new DescriptorTable(0, 0xFFFF),
            new DescriptorTable(0, 0x3FF),
            RESET_CR0,
            0,
            0,
            0,
            0,
            0,
            APIC_BASE));
  }

  /// 64-bit mode at `rip`, interrupts off, the low 4 GiB mapped to themselves.
  static void enterLongMode(Vcpu vcpu, MemorySegment ram, long rip) {
    writeTables(ram);
    Segment data = Segment.flat(DATA_SELECTOR, Segment.DATA_32);
    vcpu.enter(
        Registers.at(rip).withRsp(STACK),
        new SystemRegisters(
            Segment.flat(CODE_SELECTOR, Segment.CODE_64),
            data,
            data,
            data,
            data,
            data,
            new Segment(0, 0x67, TASK_SELECTOR, Segment.TSS_BUSY),
            new Segment(0, 0, 0, Segment.UNUSABLE),
            new DescriptorTable(GDT, GDT_BYTES - 1),
            new DescriptorTable(IDT, IDT_BYTES - 1),
            CR0,
            0,
            PAGE_TABLES,
            CR4,
            0,
            EFER,
            APIC_BASE));
  }

  /// The tables that long mode rests on.
  static void writeTables(MemorySegment ram) {
    writeGdt(ram.asSlice(GDT, GDT_BYTES));
    writeIdentityMap(ram);
  }

  private static void writeGdt(MemorySegment gdt) {
    gdt.set(U64, CODE_SELECTOR, 0x00AF9B000000FFFFL);
    gdt.set(U64, DATA_SELECTOR, 0x00CF93000000FFFFL);
    gdt.set(U64, TASK_SELECTOR, 0x00008B0000000067L);
  }

  /// Level 4, level 3, and a level 2 of 2 MiB pages for each of four GiB (SDM 3A, 4.5).
  private static void writeIdentityMap(MemorySegment ram) {
    long presentWritable = 3;
    long large = 1 << 7;
    ram.set(U64, PAGE_TABLES, PAGE_TABLES + 0x1000 | presentWritable);
    for (int gib = 0; gib < 4; gib++) {
      long level2 = PAGE_TABLES + 0x2000 + gib * 0x1000L;
      ram.set(U64, PAGE_TABLES + 0x1000 + gib * 8L, level2 | presentWritable);
      for (long page = 0; page < 512; page++) {
        ram.set(U64, level2 + page * 8, gib * 512L + page << 21 | large | presentWritable);
      }
    }
  }

  /// A 64-bit interrupt gate (SDM 3A, figure 6-8).
  static void writeGate(MemorySegment ram, int vector, int handler) {
    long low = handler & 0xFFFFL | (long) CODE_SELECTOR << 16 | 0x8EL << 40;
    ram.set(U64, IDT + vector * 16L, low | (handler & 0xFFFF_0000L) << 32);
    ram.set(U64, IDT + vector * 16L + 8, 0);
  }
}
