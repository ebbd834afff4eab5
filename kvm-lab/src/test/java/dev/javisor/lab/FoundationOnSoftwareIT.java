package dev.javisor.lab;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// The classes that are written for a KVM, in full on our own processor, right here: as root, who
/// may mount and make a TAP. A shard of `./verify --long` each; what every run has is [SoftwareIT].
///
/// Two have no place here. [KvmContractsInLabIT] is about a `/dev/kvm`; the same contracts hold for
/// our processor in the unit tests of `x86-cpu`. [PowerCutIT] cuts the power of the machine that
/// Javisor runs on, which no test may do here; the disk's way to the host's file is the same.
@Tag("long")
class FoundationOnSoftwareIT {
  @Nested
  @OnSoftware
  class Boot extends BootIT {}

  @Nested
  @OnSoftware
  class EndsOfLife extends EndsOfLifeIT {}

  @Nested
  @OnSoftware
  class Streams extends StreamsIT {}

  @Nested
  @OnSoftware
  class Commands extends CommandIT {}

  @Nested
  @OnSoftware
  class Disks extends DiskIT {}

  @Nested
  @OnSoftware
  class ClockAndEntropy extends ClockAndEntropyIT {
    /// This machine's clock is not ours to set.
    @Override
    String setTheClock() {
      return ":";
    }
  }

  @Nested
  @OnSoftware
  class Net extends NetIT {}

  @Nested
  @OnSoftware
  class Library extends LibraryIT {}
}
