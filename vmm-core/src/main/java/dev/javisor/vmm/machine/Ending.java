package dev.javisor.vmm.machine;

/// How a machine's life ended. What exit code that makes is the command's business.
public sealed interface Ending {
  /// The guest powered itself off.
  record PowerOff() implements Ending {}

  /// The guest asked for a reset.
  record Reboot() implements Ending {}

  /// The guest's kernel panicked; `message` is what it said, as far as known.
  record Panic(String message) implements Ending {}

  /// The processor shut down: an exception while handling a double fault. `report` shows registers
  /// and the last exits.
  record TripleFault(String report) implements Ending {}

  /// It was ended from outside.
  record Killed(String why) implements Ending {}

  /// It did not get as far as it should in the time it was given.
  record Stuck(String report) implements Ending {}

  /// We failed: the engine gave up or one of our threads died.
  record Failed(String report) implements Ending {}
}
