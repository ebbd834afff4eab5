package dev.javisor.x86.decode;

/// What a decoder makes of bytes: an instruction, or the reason why there is none.
public sealed interface Decoded permits Instruction, Decoded.Refusal {

  /// No instruction: what the processor does instead.
  enum Refusal implements Decoded {
    /// `#UD`.
    UNDEFINED,
    /// More than 15 bytes: `#GP(0)` (SDM 2, 2.3.11).
    TOO_LONG,
    /// The bytes end before the instruction does: fetch more, or meet the fault of doing so.
    TRUNCATED
  }
}
