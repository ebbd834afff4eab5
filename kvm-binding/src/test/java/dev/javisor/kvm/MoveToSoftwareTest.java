package dev.javisor.kvm;

import static dev.javisor.testkit.asm.Register.R8;
import static dev.javisor.testkit.asm.Register.R9;
import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.x86.engine.SoftwareHypervisor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A vCPU stops on KVM, between two instructions, and goes on on our own processor.
@Tag("kvm")
class MoveToSoftwareTest {
  private static final int PORT = 0x10;
  private static final int HANDLED = 0x99;
  private static final int VECTOR = 0x45;
  private static final long LOCAL_APIC = 0xFEE0_0000L;
  private static final long SECOND_TICKS_MAX = 10_000_000_000L;

  /// Registers, memory and XMM0, each changed by each round.
  private static LongMode mixer() {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE);
    code.mov(R8, 0x9E37_79B9_7F4A_7C15L).mov(R9, 1).mov(RBX, PayloadGuest.DATA).mov(RAX, 3);
    code.movqXmm0Rax().label("again").imul(R9, R8).inc(R9).load(8, RCX, RBX, 0).add(RCX, R9);
    code.store(8, RBX, 0, RCX).paddqXmm0Xmm0().movqRaxXmm0().add(RAX, RCX).movqXmm0Rax();
    return code.outEax(PORT).jmp("again");
  }

  private static List<Long> outputs(PayloadGuest guest, int count) {
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(guest.runToOut(PORT));
    }
    return values;
  }

  /// A guest of our own processor that is what `guest` is.
  private static PayloadGuest moved(PayloadGuest guest, SoftwareHypervisor software) {
    assertInstanceOf(VmExit.Interrupted.class, guest.vcpu().completeExit());
    PayloadGuest other = new PayloadGuest(software, 1);
    other.ram().copyFrom(guest.ram());
    other.vcpu().state(guest.vcpu().state());
    return other;
  }

  @Test
  @Tag("beyond-emulating-kvm") // MOVQ
  void registersMemoryAndVectorsGoOn() {
    try (KvmHypervisor kvm = KvmHypervisor.open();
        SoftwareHypervisor software = new SoftwareHypervisor();
        PayloadGuest guest = PayloadGuest.of(kvm, mixer())) {
      List<Long> unused = outputs(guest, 100);
      try (PayloadGuest other = moved(guest, software)) {
        assertEquals(outputs(guest, 50), outputs(other, 50));
      }
    }
  }

  /// The guest knows one rate of its time-stamp counter, which is KVM's.
  @Test
  void theTimeStampCounterAndItsDeadlineGoOn() {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE);
    code.mov(RBX, LOCAL_APIC).store(RBX, 0xF0, 0x1FF).store(RBX, 0x320, 2 << 17 | VECTOR);
    code.rdtsc().mov(RCX, 1L << 30).add(RAX, RCX).mov(RCX, 0x6E0).wrmsr().outAl(PORT);
    code.sti().label("sleep").hlt().jmp("sleep").label("handler").movAl(VECTOR).outAl(HANDLED);
    try (KvmHypervisor kvm = KvmHypervisor.open();
        SoftwareHypervisor software = new SoftwareHypervisor();
        PayloadGuest guest = PayloadGuest.of(kvm, code)) {
      guest.gate(VECTOR, code.addressOf("handler"));
      guest.runToOut(PORT);
      try (PayloadGuest other = moved(guest, software)) {
        int khz = guest.vcpu().state().tscKhz();
        assertEquals(khz, other.vcpu().state().tscKhz());
        long apart = tsc(guest) - tsc(other);
        assertTrue(Math.abs(apart) < SECOND_TICKS_MAX, "TSCs are apart by " + apart);
        assertEquals(VECTOR, other.runToOut(HANDLED));
      }
    }
  }

  private static long tsc(PayloadGuest guest) {
    Long tsc = guest.vcpu().state().msrs().get(0x10);
    return tsc == null ? Long.MAX_VALUE : tsc;
  }
}
