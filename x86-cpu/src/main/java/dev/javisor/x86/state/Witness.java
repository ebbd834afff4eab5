package dev.javisor.x86.state;

/// Is told of what is rare in a processor's life. Calls come on its thread; each is about something
/// that has happened or is about to.
public interface Witness {
  /// Nobody is interested.
  Witness NOBODY = new Witness() {};

  /// Exception `vector` is about to be delivered; RIP is at what raised it.
  default void exception(Cpu cpu, int vector, int errorCode) {}

  /// An interrupt or NMI is about to be delivered.
  default void interrupt(Cpu cpu, int vector) {}

  default void msrRead(Cpu cpu, int index, long value) {}

  default void msrWritten(Cpu cpu, int index, long value) {}

  /// There is no such register, or it does not take that value: `#GP`.
  default void msrRefused(Cpu cpu, int index) {}

  /// Translations have been forgotten: all, or those of pages that are not global.
  default void flushed(Cpu cpu, boolean global) {}
}
