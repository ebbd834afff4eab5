package dev.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.javisor.kvm.abi.Msrs;
import dev.javisor.linux.fd.Fd;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.state.StateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// KVM stops at the first register that it refuses; those behind it must not be lost.
@Tag("kvm")
class KvmMsrsTest {
  private static final int MSR_SYSENTER_CS = 0x174;

  /// In the order of a state, whose indices are signed, the first of all and the last.
  private static final int NOBODYS_FIRST = 0x8777_0000;

  private static final int NOBODYS_LAST = 0x7777_0000;
  private static final int MSR_PAT = 0x277;
  private static final int MSR_STAR = 0xC000_0081;

  /// (An emulating KVM may have been told to ignore what it does not know; so the next, too.)
  @Test
  @Tag("beyond-emulating-kvm")
  void thoseBehindOneThatNobodyHasAreRead() throws IOException {
    try (KvmHypervisor kvm = KvmHypervisor.open();
        PayloadGuest guest = new PayloadGuest(kvm, 1)) {
      SortedMap<Integer, Long> all = guest.vcpu().state().msrs();
      SortedMap<Integer, Long> some =
          new KvmMsrs(kvm, vcpu()).read(MSR_STAR, NOBODYS_FIRST, MSR_PAT, NOBODYS_LAST);
      assertEquals(Set.of(MSR_STAR, MSR_PAT), some.keySet());
      assertEquals(all.get(MSR_PAT), some.get(MSR_PAT));
    }
  }

  @Test
  void moreThanKvmTakesInOneCallAreRead() throws IOException {
    try (KvmHypervisor kvm = KvmHypervisor.open();
        PayloadGuest guest = new PayloadGuest(kvm, 1)) {
      int[] many = new int[2 * Msrs.ENTRIES_MAX + 1];
      Arrays.fill(many, MSR_PAT);
      many[many.length - 1] = MSR_STAR;
      assertEquals(Set.of(MSR_STAR, MSR_PAT), new KvmMsrs(kvm, vcpu()).read(many).keySet());
    }
  }

  /// The one vCPU there is; its owner closes it.
  private static Fd vcpu() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      Path fd = all.filter(KvmMsrsTest::isVcpu).findFirst().orElseThrow();
      return Fd.of(Integer.parseInt(fd.getFileName().toString()), "vcpu");
    }
  }

  private static boolean isVcpu(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString().contains("kvm-vcpu");
    } catch (IOException e) {
      return false; // the one that listed the directory
    }
  }

  @Test
  @Tag("beyond-emulating-kvm")
  void aRefusedOneIsNamedAndThoseBehindItAreWritten() {
    try (KvmHypervisor kvm = KvmHypervisor.open();
        PayloadGuest guest = new PayloadGuest(kvm, 1)) {
      VcpuState before = guest.vcpu().state();
      SortedMap<Integer, Long> wanted = new TreeMap<>(before.msrs());
      wanted.put(NOBODYS_FIRST, 5L);
      wanted.put(MSR_STAR, 0x23_0010_0000_0000L);
      wanted.put(MSR_SYSENTER_CS, 0x10L);
      wanted.put(NOBODYS_LAST, 6L);
      StateException refusal =
          assertThrows(StateException.class, () -> guest.vcpu().state(with(before, wanted)));
      assertEquals(
          "this host does not take MSRs " + List.of("0x87770000=0x5", "0x77770000=0x6"),
          refusal.getMessage());
      SortedMap<Integer, Long> got = guest.vcpu().state().msrs();
      assertEquals(0x23_0010_0000_0000L, got.get(MSR_STAR));
      assertEquals(0x10L, got.get(MSR_SYSENTER_CS));
    }
  }

  private static VcpuState with(VcpuState s, SortedMap<Integer, Long> msrs) {
    return new VcpuState(
        s.registers(),
        s.system(),
        s.xsave(),
        s.xcr0(),
        s.debug(),
        msrs,
        s.tscKhz(),
        s.apic(),
        s.events(),
        s.runState());
  }
}
