package dev.javisor.kvm;

import dev.javisor.kvm.abi.CpuidEntry2;
import dev.javisor.kvm.abi.DebugRegs;
import dev.javisor.kvm.abi.Regs;
import dev.javisor.kvm.abi.Requests;
import dev.javisor.kvm.abi.SmallStates;
import dev.javisor.kvm.abi.Sregs;
import dev.javisor.kvm.abi.VcpuEvents;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.DebugRegisters;
import dev.javisor.vmm.hypervisor.VcpuState.Events;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.RunState;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import dev.javisor.vmm.state.StateException;
import java.lang.foreign.Arena;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;
import java.util.List;

/// Everything a vCPU's ioctls read and write of its state, in the order KVM wants it (api.rst;
/// the MSRs that a deadline timer needs come after the local APIC, or the deadline is silently
/// dropped).
final class KvmVcpuRegisters {
  /// Register page offsets of LINT0 and LINT1, and what a PC's firmware leaves in them.
  private static final int APIC_LVT_LINT0 = 0x350;

  private static final int APIC_LVT_LINT1 = 0x360;
  private static final int APIC_MODE_EXTINT = 7 << 8;
  private static final int APIC_MODE_NMI = 4 << 8;
  private static final int XSAVE_ALIGNMENT = 64;

  private final KvmHypervisor kvm;
  private final Fd vcpu;
  private final KvmMsrs msrs;
  private final Arena arena;

  KvmVcpuRegisters(KvmHypervisor kvm, Fd vcpu, Arena arena) {
    this.kvm = kvm;
    this.vcpu = vcpu;
    this.msrs = new KvmMsrs(kvm, vcpu);
    this.arena = arena;
  }

  /// What firmware would have done. CPUID comes first: MSRs depend on it.
  void prepare(List<CpuidEntry2> cpuid) {
    setCpuid(cpuid);
    if (!msrs.prepare()) {
      setCpuid(KvmCpuid.withoutInvariantTsc(cpuid));
    }
    NativeStruct apic = NativeStruct.allocate(SmallStates.LAPIC_LAYOUT, arena);
    vcpu.ioctl("KVM_GET_LAPIC", SmallStates.KVM_GET_LAPIC, apic);
    apic.bytes().putInt(APIC_LVT_LINT0, APIC_MODE_EXTINT);
    apic.bytes().putInt(APIC_LVT_LINT1, APIC_MODE_NMI);
    vcpu.ioctl("KVM_SET_LAPIC", SmallStates.KVM_SET_LAPIC, apic);
  }

  private void setCpuid(List<CpuidEntry2> entries) {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct argument = CpuidEntry2.allocate(entries.size(), scratch);
      CpuidEntry2.writeAll(entries, argument);
      vcpu.ioctl("KVM_SET_CPUID2", CpuidEntry2.KVM_SET_CPUID2, argument);
    }
  }

  VcpuState read() {
    try (Arena scratch = Arena.ofConfined()) {
      // The run state first: reading it makes KVM take in what the local APIC has pending.
      RunState runState = RunState.values()[get("KVM_GET_MP_STATE", scratch).bytes().getInt(0)];
      ByteBuffer sregs = get("KVM_GET_SREGS", scratch).bytes();
      return new VcpuState(
          Regs.read(get("KVM_GET_REGS", scratch).bytes()),
          Sregs.read(sregs),
          xsave(scratch),
          SmallStates.xcr0(get("KVM_GET_XCRS", scratch).bytes()),
          DebugRegs.read(get("KVM_GET_DEBUGREGS", scratch).bytes()),
          msrs.read(),
          tscKhz(),
          get("KVM_GET_LAPIC", scratch).toArray(),
          VcpuEvents.read(get("KVM_GET_VCPU_EVENTS", scratch).bytes(), Sregs.externalVector(sregs)),
          runState);
    }
  }

  private NativeStruct get(String call, Arena scratch) {
    return switch (call) {
      case "KVM_GET_MP_STATE" ->
          get(call, SmallStates.KVM_GET_MP_STATE, SmallStates.MP_STATE_LAYOUT, scratch);
      case "KVM_GET_REGS" -> get(call, Regs.KVM_GET_REGS, Regs.LAYOUT, scratch);
      case "KVM_GET_SREGS" -> get(call, Sregs.KVM_GET_SREGS, Sregs.LAYOUT, scratch);
      case "KVM_GET_XCRS" -> get(call, SmallStates.KVM_GET_XCRS, SmallStates.XCRS_LAYOUT, scratch);
      case "KVM_GET_DEBUGREGS" -> get(call, DebugRegs.KVM_GET_DEBUGREGS, DebugRegs.LAYOUT, scratch);
      case "KVM_GET_LAPIC" ->
          get(call, SmallStates.KVM_GET_LAPIC, SmallStates.LAPIC_LAYOUT, scratch);
      case "KVM_GET_VCPU_EVENTS" ->
          get(call, VcpuEvents.KVM_GET_VCPU_EVENTS, VcpuEvents.LAYOUT, scratch);
      default -> throw new AssertionError(call);
    };
  }

  private NativeStruct get(String call, long request, StructLayout layout, Arena scratch) {
    NativeStruct argument = NativeStruct.allocate(layout, scratch);
    vcpu.ioctl(call, request, argument);
    return argument;
  }

  private byte[] xsave(Arena scratch) {
    int bytes = kvm.xsaveBytes();
    NativeStruct area = NativeStruct.of(scratch.allocate(bytes, XSAVE_ALIGNMENT));
    if (bytes > SmallStates.XSAVE_LAYOUT.byteSize()) {
      vcpu.ioctl("KVM_GET_XSAVE2", SmallStates.KVM_GET_XSAVE2, area);
    } else {
      vcpu.ioctl("KVM_GET_XSAVE", SmallStates.KVM_GET_XSAVE, area);
    }
    return area.toArray();
  }

  /// 0 where KVM does not know, as on a host whose TSCs differ.
  private int tscKhz() {
    return (int) Math.max(0, vcpu.tryIoctl(Requests.KVM_GET_TSC_KHZ, 0));
  }

  void enter(Registers registers, SystemRegisters system) {
    try (Arena scratch = Arena.ofConfined()) {
      writeRegisters(registers, scratch);
      writeSystem(system, Events.NONE, scratch);
    }
  }

  void write(VcpuState state) {
    try (Arena scratch = Arena.ofConfined()) {
      writeRunState(state.runState(), scratch);
      writeRegisters(state.registers(), scratch);
      writeSystem(state.system(), state.events(), scratch);
      writeExtended(state, scratch);
      writeDebug(state.debug(), scratch);
      writeApic(state.apic(), scratch);
      writeTscKhz(state.tscKhz());
      msrs.write(state.msrs());
      writeEvents(state.events(), scratch);
    }
  }

  private void writeRunState(RunState runState, Arena scratch) {
    NativeStruct argument = NativeStruct.allocate(SmallStates.MP_STATE_LAYOUT, scratch);
    argument.bytes().putInt(0, runState.ordinal());
    vcpu.ioctl("KVM_SET_MP_STATE", SmallStates.KVM_SET_MP_STATE, argument);
  }

  private void writeRegisters(Registers registers, Arena scratch) {
    NativeStruct argument = NativeStruct.allocate(Regs.LAYOUT, scratch);
    Regs.write(registers, argument.bytes());
    vcpu.ioctl("KVM_SET_REGS", Regs.KVM_SET_REGS, argument);
  }

  private void writeSystem(SystemRegisters system, Events events, Arena scratch) {
    NativeStruct argument = NativeStruct.allocate(Sregs.LAYOUT, scratch);
    Sregs.write(system, events.externalVector(), argument.bytes());
    vcpu.ioctl("KVM_SET_SREGS", Sregs.KVM_SET_SREGS, argument);
  }

  private void writeExtended(VcpuState state, Arena scratch) {
    if (state.xsave().length != kvm.xsaveBytes()) {
      throw new StateException(
          "an XSAVE area of %d bytes, this host's has %d"
              .formatted(state.xsave().length, kvm.xsaveBytes()));
    }
    NativeStruct area = NativeStruct.of(scratch.allocate(state.xsave().length, XSAVE_ALIGNMENT));
    area.bytes().put(0, state.xsave());
    vcpu.ioctl("KVM_SET_XSAVE", SmallStates.KVM_SET_XSAVE, area);
    if (state.xcr0() != 0) {
      NativeStruct xcrs = NativeStruct.allocate(SmallStates.XCRS_LAYOUT, scratch);
      SmallStates.writeXcr0(state.xcr0(), xcrs.bytes());
      vcpu.ioctl("KVM_SET_XCRS", SmallStates.KVM_SET_XCRS, xcrs);
    }
  }

  private void writeDebug(DebugRegisters debug, Arena scratch) {
    NativeStruct argument = NativeStruct.allocate(DebugRegs.LAYOUT, scratch);
    DebugRegs.write(debug, argument.bytes());
    vcpu.ioctl("KVM_SET_DEBUGREGS", DebugRegs.KVM_SET_DEBUGREGS, argument);
  }

  private void writeApic(byte[] page, Arena scratch) {
    NativeStruct argument = NativeStruct.allocate(SmallStates.LAPIC_LAYOUT, scratch);
    if (page.length != argument.bytes().capacity()) {
      throw new StateException("a local APIC page of " + page.length + " bytes");
    }
    argument.bytes().put(0, page);
    vcpu.ioctl("KVM_SET_LAPIC", SmallStates.KVM_SET_LAPIC, argument);
  }

  /// Before the MSRs, one of which is the TSC. KVM takes a difference of 250 ppm for none.
  private void writeTscKhz(int wanted) {
    int here = tscKhz();
    if (wanted != here
        && wanted != 0
        && vcpu.tryIoctl(Requests.KVM_SET_TSC_KHZ, Integer.toUnsignedLong(wanted)) < 0) {
      vcpu.tryIoctl(Requests.KVM_SET_TSC_KHZ, here); // KVM has noted the rate it refused
      throw new StateException(
          "a TSC of %d kHz, this host's has %d and does not scale".formatted(wanted, here));
    }
  }

  private void writeEvents(Events events, Arena scratch) {
    NativeStruct argument = NativeStruct.allocate(VcpuEvents.LAYOUT, scratch);
    VcpuEvents.write(events, argument.bytes());
    vcpu.ioctl("KVM_SET_VCPU_EVENTS", VcpuEvents.KVM_SET_VCPU_EVENTS, argument);
  }
}
