package dev.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// What the probe makes of the times it took.
class KvmProbeTest {

  /// 19,000 loops of two instructions in 38 µs more than the short run.
  @Test
  void theCostOfAnExitFallsOutOfTheDifference() {
    assertEquals(1000, KvmProbe.mips(22_000, 20_000, 60_000), 0.1);
  }

  /// Found in the KVM lab, where this said 38,000 MIPS and was remembered for the whole boot.
  @Test
  void aShortRunThatWasDisturbedDoesNotMakeTheGuestFast() {
    assertEquals(400, KvmProbe.mips(110_000, 20_000, 100_000), 0.1);
    assertEquals(400, KvmProbe.mips(99_999, 20_000, 100_000), 0.1);
  }
}
