package dev.javisor.vmm.state;

/// A part whose state can be written down and read back, while the machine rests.
public interface Stateful {

  /// Writes one or more records.
  void save(StateWriter out);

  /// Becomes what [#save] wrote, in a freshly made part of the same shape.
  ///
  /// @throws StateException if the bytes are not such a state
  void load(StateReader in);
}
