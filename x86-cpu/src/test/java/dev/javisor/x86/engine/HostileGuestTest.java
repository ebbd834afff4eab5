package dev.javisor.x86.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.Register;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.DescriptorTable;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.state.StateException;
import org.junit.jupiter.api.Test;

/// What random guests have found, and reading the code for them.
final class HostileGuestTest {
  private static final int PORT = 0x10;

  private final SoftwareHypervisor hypervisor = new SoftwareHypervisor();

  private static LongMode code() {
    return new LongMode(PayloadGuest.LONG_CODE);
  }

  private static VcpuState with(VcpuState state, SystemRegisters system) {
    return state.entering(state.registers(), system);
  }

  private static SystemRegisters idt(SystemRegisters s, long base) {
    return new SystemRegisters(
        s.cs(),
        s.ds(),
        s.es(),
        s.fs(),
        s.gs(),
        s.ss(),
        s.tr(),
        s.ldt(),
        s.gdt(),
        new DescriptorTable(base, 0xFFF),
        s.cr0(),
        s.cr2(),
        s.cr3(),
        s.cr4(),
        s.cr8(),
        s.efer(),
        s.apicBase());
  }

  private static SystemRegisters apicBase(SystemRegisters s, long base) {
    return new SystemRegisters(
        s.cs(), s.ds(), s.es(), s.fs(), s.gs(), s.ss(), s.tr(), s.ldt(), s.gdt(), s.idt(), s.cr0(),
        s.cr2(), s.cr3(), s.cr4(), s.cr8(), s.efer(), base);
  }

  @Test
  void anExceptionThroughADevicesRegistersEndsTheGuest() {
    try (PayloadGuest guest = PayloadGuest.of(hypervisor, code().ud2())) {
      VcpuState state = guest.vcpu().state();
      guest.vcpu().state(with(state, idt(state.system(), PayloadGuest.NOWHERE)));
      VmExit.Failed failed = guest.run(VmExit.Failed.class);
      assertTrue(failed.reason().startsWith("delivery"), failed.reason());
      assertTrue(failed.reason().contains("MmioRead"), failed.reason());
      assertEquals(PayloadGuest.LONG_CODE, guest.vcpu().state().registers().rip());
    }
  }

  @Test
  void anInterruptThroughADevicesRegistersEndsTheGuest() {
    LongMode code = code().sti().hlt();
    try (PayloadGuest guest = PayloadGuest.of(hypervisor, code)) {
      VcpuState state = guest.vcpu().state();
      guest.vcpu().state(with(state, idt(state.system(), PayloadGuest.NOWHERE)));
      PayloadGuest.later(20, () -> nmi(guest));
      VmExit.Failed failed = guest.run(VmExit.Failed.class);
      assertTrue(failed.reason().startsWith("delivery"), failed.reason());
    }
  }

  private static void nmi(PayloadGuest guest) {
    try (var msi = guest.vm().createMsi()) {
      msi.retarget(0xFEE0_0000L, 4 << 8);
      msi.signal();
    }
  }

  @Test
  void aRepetitionToAPortEndsWhenAsked() {
    LongMode code =
        code().mov(Register.RCX, -1).mov(Register.RSI, PayloadGuest.DATA).mov(Register.RDX, PORT);
    try (PayloadGuest guest = PayloadGuest.of(hypervisor, code.repOutsb())) {
      Vcpu vcpu = guest.vcpu();
      for (int i = 0; i < 10; i++) {
        guest.run(VmExit.PortOut.class);
      }
      vcpu.requestExit();
      guest.run(VmExit.Interrupted.class);
      assertEquals(-11, vcpu.state().registers().rcx());
      assertEquals(PayloadGuest.DATA + 10, vcpu.state().registers().rsi());
      guest.run(VmExit.PortOut.class);
      assertEquals(VmExit.Interrupted.class, vcpu.completeExit().getClass());
      assertEquals(-12, vcpu.state().registers().rcx());
    }
  }

  /// Behind STI, so that its first repetition runs alone; a count of 2^64 - 1 ended that only
  /// behind 4,096.
  @Test
  void aRepetitionToADeviceIsInterrupted() {
    LongMode code = code().mov(Register.RCX, -1).mov(Register.RDI, PayloadGuest.NOWHERE);
    code.sti().bytes(0xF3, 0xAA); // REP STOSB
    code.label("nmi").outAl(PORT);
    try (PayloadGuest guest = PayloadGuest.of(hypervisor, code)) {
      guest.gate(2, code.addressOf("nmi"));
      for (int i = 0; i < 10; i++) {
        guest.run(VmExit.MmioWrite.class);
      }
      nmi(guest);
      guest.runToOut(PORT);
      assertEquals(-11, guest.vcpu().state().registers().rcx());
    }
  }

  @Test
  void aRefusedStateChangesNothing() {
    try (PayloadGuest guest = PayloadGuest.of(hypervisor, code().hlt())) {
      VcpuState before = guest.vcpu().state();
      VcpuState bad = with(before, apicBase(before.system(), 1));
      VcpuState moved = bad.entering(VcpuState.Registers.at(0x1234), apicBase(before.system(), 1));
      assertThrows(StateException.class, () -> guest.vcpu().state(moved));
      assertEquals(before.registers(), guest.vcpu().state().registers());
      assertEquals(before.system(), guest.vcpu().state().system());
    }
  }
}
