package dev.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.linux.call.Syscall;
import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.RealMode;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.VmExit;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is KVM's alone, not any engine's.
@Tag("kvm")
class KvmVcpuTest {
  private static final long KVM_SET_GUEST_DEBUG = 0x4048_AE9BL;
  private static final int SINGLE_STEP = 1 | 2; // KVM_GUESTDBG_ENABLE, _SINGLESTEP
  private static final int KVM_EXIT_DEBUG = 4;

  @Test
  void anExitThisVersionDoesNotKnowIsKeptWithItsNumber() throws IOException {
    try (KvmHypervisor kvm = KvmHypervisor.open();
        PayloadGuest guest =
            PayloadGuest.of(kvm, new LongMode(PayloadGuest.LONG_CODE).nop().nop());
        Arena arena = Arena.ofConfined()) {
      MemorySegment debug = arena.allocate(72, 8);
      debug.set(ValueLayout.JAVA_INT, 0, SINGLE_STEP);
      int vcpu = descriptors("kvm-vcpu").getFirst();
      assertEquals(0, Syscall.invoke(Syscall.IOCTL, vcpu, KVM_SET_GUEST_DEBUG, debug.address()));
      assertEquals(new VmExit.Unknown(KVM_EXIT_DEBUG), guest.run());
    }
  }

  /// The numbers of this process's open descriptors of a kind.
  private static List<Integer> descriptors(String kind) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.filter(fd -> target(fd).contains(kind))
          .map(fd -> Integer.parseInt(fd.getFileName().toString()))
          .toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // the one that listed the directory
    }
  }

  @Test
  void aClosedMachineLeavesNoDescriptor() throws IOException {
    try (KvmHypervisor kvm = KvmHypervisor.open()) {
      for (int i = 0; i < 20; i++) {
        try (PayloadGuest guest =
            PayloadGuest.of(kvm, new RealMode(PayloadGuest.REAL_CODE).outAl(0x10))) {
          guest.runToOut(0x10);
          try (var message = guest.vm().createMsi();
              var bell = guest.vm().createDoorbell()) {
            message.retarget(0xFEE0_0000L, 0x40);
            assertTrue(guest.vm().connect(bell, PayloadGuest.NOWHERE, 2));
          }
        }
      }
      assertEquals(List.of(), descriptors("kvm-vm"));
      assertEquals(List.of(), descriptors("kvm-vcpu"));
      assertEquals(List.of(), descriptors("eventfd"));
    }
    assertEquals(List.of(), descriptors("/dev/kvm"));
  }

  @Test
  void theProbeTakesHardwareForHardware() {
    try (KvmHypervisor kvm = KvmHypervisor.open()) {
      double mips = KvmProbe.mips(kvm);
      System.out.printf("KvmVcpuTest: the probe measures %.0f MIPS%n", mips);
      assertTrue(mips > 0);
    }
  }
}
