package dev.javisor.x86.engine;

import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.DebugRegisters;
import dev.javisor.vmm.hypervisor.VcpuState.DescriptorTable;
import dev.javisor.vmm.hypervisor.VcpuState.Events;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.RunState;
import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import dev.javisor.vmm.state.StateException;
import dev.javisor.x86.chip.Delivery;
import dev.javisor.x86.chip.LocalApic;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.ModeKey;
import dev.javisor.x86.system.Msrs;
import dev.javisor.x86.system.Segments;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SortedMap;
import java.util.TreeMap;

/// Between [VcpuState] and a [Cpu]; and what reset, INIT and SIPI make of it (SDM 3A, 10.1.1).
final class CpuStates {
  private static final int XSAVE_BYTES = 576;
  private static final int FX_BYTES = 512;
  private static final int APIC_BYTES = 1024;
  private static final int LDTR = 6;
  private static final int TR = 7;
  private static final int TSC = 0x10;
  private static final int TSC_DEADLINE = 0x6E0;
  private static final int[] PLAIN_MSRS = {
    Msrs.SYSENTER_CS,
    Msrs.SYSENTER_ESP,
    Msrs.SYSENTER_EIP,
    Msrs.PAT,
    Msrs.STAR,
    Msrs.LSTAR,
    Msrs.CSTAR,
    Msrs.FMASK,
    Msrs.KERNEL_GS_BASE,
    Msrs.TSC_AUX
  };
  private static final int[] PLAIN_SLOTS = {
    Slots.SYSENTER_CS,
    Slots.SYSENTER_ESP,
    Slots.SYSENTER_EIP,
    Slots.PAT,
    Slots.STAR,
    Slots.LSTAR,
    Slots.CSTAR,
    Slots.FMASK,
    Slots.KERNEL_GS_BASE,
    Slots.TSC_AUX
  };

  private final Cpu cpu;
  private final LocalApic apic;
  private final VcpuPlatform platform;
  private final CpuModel model;
  private final int index;

  CpuStates(Cpu cpu, LocalApic apic, VcpuPlatform platform, CpuModel model, int index) {
    this.cpu = cpu;
    this.apic = apic;
    this.platform = platform;
    this.model = model;
    this.index = index;
  }

  // ---------------------------------------------------------------- reset

  /// As after power-on.
  void reset() {
    MemorySegment fx = cpu.block().asSlice(Slots.FX, FX_BYTES);
    fx.fill((byte) 0);
    fx.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) 0x37F);
    fx.set(ValueLayout.JAVA_INT_UNALIGNED, 24, 0x1F80);
    fx.set(ValueLayout.JAVA_INT_UNALIGNED, 28, 0xFFFF);
    for (int slot : PLAIN_SLOTS) {
      cpu.set(slot, 0);
    }
    cpu.set(Slots.PAT, 0x0007_0406_0007_0406L);
    cpu.set(Slots.CR0, 0x6000_0010);
    beginning();
    apic.wireThrough();
  }

  /// INIT: memory types, x87 and most MSRs stay; a processor other than the first waits for its
  /// page.
  void init() {
    cpu.set(Slots.CR0, (cpu.get(Slots.CR0) & 0x6000_0000) | 0x10);
    beginning();
    apic.reset();
    platform.eoi().reset();
    cpu.set(Slots.ACTIVITY, index == 0 ? Slots.RUNNING : Slots.WAITING);
  }

  private void beginning() {
    for (int register = 0; register < 16; register++) {
      cpu.gpr(register, 0);
    }
    cpu.gpr(Cpu.RDX, model.signature());
    cpu.rflags(2);
    cpu.set(Slots.RIP, 0xFFF0);
    for (int slot : new int[] {Slots.CR2, Slots.CR3, Slots.CR4, Slots.EFER, Slots.GDT_BASE}) {
      cpu.set(slot, 0);
    }
    cpu.set(Slots.IDT_BASE, 0);
    cpu.set(Slots.GDT_LIMIT, 0xFFFF);
    cpu.set(Slots.IDT_LIMIT, 0xFFFF);
    for (int segment = 0; segment < 6; segment++) {
      Segments.put(cpu, segment, 0, 0, 0xFFFF, Segment.DATA_16);
    }
    Segments.put(cpu, 1, 0xF000, 0xFFFF_0000L, 0xFFFF, Segment.CODE_16);
    Segments.put(cpu, LDTR, 0, 0, 0xFFFF, 0x82);
    Segments.put(cpu, TR, 0, 0, 0xFFFF, Segment.TSS_BUSY);
    debug(DebugRegisters.RESET);
    cpu.set(Slots.SHADOW, 0);
    cpu.set(Slots.NMI_MASKED, 0);
    cpu.set(Slots.ACTIVITY, Slots.RUNNING);
    cpu.cpl(0);
    cpu.slow().flush(cpu, true);
    ModeKey.update(cpu);
  }

  /// SIPI: real mode at page `page`.
  void startUp(int page) {
    Segments.put(cpu, 1, page << 8, (long) page << 12, 0xFFFF, Segment.CODE_16);
    cpu.set(Slots.RIP, 0);
    cpu.set(Slots.ACTIVITY, Slots.RUNNING);
    ModeKey.update(cpu);
  }

  // ---------------------------------------------------------------- out

  VcpuState read() {
    platform.eoi().collect();
    return new VcpuState(
        registers(),
        system(),
        xsave(),
        3,
        new DebugRegisters(
            cpu.get(Slots.DR0),
            cpu.get(Slots.DR0 + 8),
            cpu.get(Slots.DR0 + 16),
            cpu.get(Slots.DR0 + 24),
            cpu.get(Slots.DR6),
            cpu.get(Slots.DR7)),
        msrs(),
        platform.clock().khz(),
        apic.save(),
        events(),
        runState());
  }

  private Registers registers() {
    return new Registers(
        cpu.gpr(0),
        cpu.gpr(3),
        cpu.gpr(1),
        cpu.gpr(2),
        cpu.gpr(6),
        cpu.gpr(7),
        cpu.gpr(4),
        cpu.gpr(5),
        cpu.gpr(8),
        cpu.gpr(9),
        cpu.gpr(10),
        cpu.gpr(11),
        cpu.gpr(12),
        cpu.gpr(13),
        cpu.gpr(14),
        cpu.gpr(15),
        cpu.get(Slots.RIP),
        cpu.rflags());
  }

  private SystemRegisters system() {
    return new SystemRegisters(
        segment(1),
        segment(3),
        segment(0),
        segment(4),
        segment(5),
        segment(2),
        segment(TR),
        segment(LDTR),
        new DescriptorTable(cpu.get(Slots.GDT_BASE), (int) cpu.get(Slots.GDT_LIMIT)),
        new DescriptorTable(cpu.get(Slots.IDT_BASE), (int) cpu.get(Slots.IDT_LIMIT)),
        cpu.get(Slots.CR0),
        cpu.get(Slots.CR2),
        cpu.get(Slots.CR3),
        cpu.get(Slots.CR4),
        apic.cr8(),
        cpu.get(Slots.EFER),
        apic.base());
  }

  private Segment segment(int number) {
    return new Segment(
        cpu.segmentBase(number),
        (int) cpu.segmentLimit(number),
        cpu.selector(number),
        cpu.segmentAttributes(number));
  }

  private byte[] xsave() {
    byte[] area = new byte[XSAVE_BYTES];
    MemorySegment.copy(cpu.block(), ValueLayout.JAVA_BYTE, Slots.FX, area, 0, FX_BYTES);
    area[FX_BYTES] = 3; // XSTATE_BV: x87 and SSE
    return area;
  }

  private SortedMap<Integer, Long> msrs() {
    SortedMap<Integer, Long> msrs = new TreeMap<>();
    for (int i = 0; i < PLAIN_MSRS.length; i++) {
      msrs.put(PLAIN_MSRS[i], cpu.get(PLAIN_SLOTS[i]));
    }
    msrs.put(TSC, platform.clock().now());
    msrs.put(TSC_DEADLINE, apic.tscDeadline());
    msrs.put(ParavirtualClock.SYSTEM_TIME, platform.paravirtual().systemTime());
    msrs.put(ParavirtualClock.WALL_CLOCK, platform.paravirtual().wallClock());
    msrs.put(ParavirtualEoi.ENABLE, platform.eoi().register());
    return msrs;
  }

  private Events events() {
    return new Events(
        -1,
        false,
        false,
        0,
        false,
        0,
        -1,
        false,
        (int) cpu.get(Slots.SHADOW),
        false,
        apic.nmiPending() ? 1 : 0,
        cpu.get(Slots.NMI_MASKED) != 0,
        0,
        -1);
  }

  private RunState runState() {
    return switch ((int) cpu.get(Slots.ACTIVITY)) {
      case Slots.HALTED -> RunState.HALTED;
      case Slots.WAITING -> RunState.UNINITIALIZED;
      default -> RunState.RUNNABLE;
    };
  }

  // ---------------------------------------------------------------- in

  /// @throws StateException with nothing changed, if it is no state of a processor like this one
  void write(VcpuState state) {
    check(state);
    if (!apic.load(state.apic(), state.system().apicBase())) {
      throw new StateException("no state of a local APIC");
    }
    registers(state.registers());
    system(state.system());
    byte[] area = state.xsave();
    MemorySegment.copy(area, 0, cpu.block(), ValueLayout.JAVA_BYTE, Slots.FX, FX_BYTES);
    debug(state.debug());
    apic.cr8((int) state.system().cr8() & 15);
    if (state.tscKhz() != 0) {
      platform.clock().khz(state.tscKhz());
    }
    state.msrs().forEach(this::msr);
    events(state.events());
    cpu.set(Slots.ACTIVITY, activity(state.runState()));
    cpu.slow().flush(cpu, true);
    ModeKey.update(cpu);
  }

  private static void check(VcpuState state) {
    if (state.xsave().length < XSAVE_BYTES) {
      throw new StateException("an XSAVE area of " + state.xsave().length + " bytes");
    } else if (state.apic().length != APIC_BYTES) {
      throw new StateException("a local APIC of " + state.apic().length + " bytes");
    } else if (state.tscKhz() != 0 && !VcpuClock.canRunAt(state.tscKhz())) {
      throw new StateException("a TSC of " + state.tscKhz() + " kHz");
    }
  }

  private void registers(Registers r) {
    long[] values = {
      r.rax(), r.rcx(), r.rdx(), r.rbx(), r.rsp(), r.rbp(), r.rsi(), r.rdi(), r.r8(), r.r9(),
      r.r10(), r.r11(), r.r12(), r.r13(), r.r14(), r.r15()
    };
    for (int i = 0; i < values.length; i++) {
      cpu.gpr(i, values[i]);
    }
    cpu.set(Slots.RIP, r.rip());
    cpu.rflags(r.rflags());
  }

  private void system(SystemRegisters s) {
    segment(1, s.cs());
    segment(3, s.ds());
    segment(0, s.es());
    segment(4, s.fs());
    segment(5, s.gs());
    segment(2, s.ss());
    segment(TR, s.tr());
    segment(LDTR, s.ldt());
    cpu.set(Slots.GDT_BASE, s.gdt().base());
    cpu.set(Slots.GDT_LIMIT, s.gdt().limit());
    cpu.set(Slots.IDT_BASE, s.idt().base());
    cpu.set(Slots.IDT_LIMIT, s.idt().limit());
    cpu.set(Slots.CR0, s.cr0());
    cpu.set(Slots.CR2, s.cr2());
    cpu.set(Slots.CR3, s.cr3());
    cpu.set(Slots.CR4, s.cr4());
    cpu.set(Slots.EFER, s.efer());
    cpu.cpl(cpu.flag(Flags.VM) ? 3 : (s.cr0() & 1) == 0 ? 0 : s.ss().attributes() >> 5 & 3);
  }

  private void segment(int number, Segment s) {
    Segments.put(cpu, number, s.selector(), s.base(), s.limit() & 0xFFFF_FFFFL, s.attributes());
  }

  private void debug(DebugRegisters d) {
    long[] values = {d.dr0(), d.dr1(), d.dr2(), d.dr3(), d.dr6(), d.dr7()};
    for (int i = 0; i < values.length; i++) {
      cpu.set(Slots.DR0 + 8 * i, values[i]);
    }
  }

  /// Registers that another engine has and we do not are left out.
  private void msr(int number, long value) {
    for (int i = 0; i < PLAIN_MSRS.length; i++) {
      if (PLAIN_MSRS[i] == number) {
        cpu.set(PLAIN_SLOTS[i], value);
        return;
      }
    }
    try {
      platform.restoreMsr(cpu, number, value);
    } catch (CpuFault unknown) {
      assert unknown.vector() == CpuFault.GP;
    }
  }

  private void events(Events e) {
    cpu.set(Slots.SHADOW, e.interruptShadow());
    cpu.set(Slots.NMI_MASKED, e.nmiMasked() ? 1 : 0);
    if (e.nmiPending() > 0) {
      boolean unused = apic.accept(Delivery.NMI, 0, false);
    }
  }

  private static int activity(RunState state) {
    return switch (state) {
      case HALTED -> Slots.HALTED;
      case UNINITIALIZED, INIT_RECEIVED -> Slots.WAITING;
      default -> Slots.RUNNING;
    };
  }
}
