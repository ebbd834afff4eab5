package dev.javisor.x86.engine;

/// How a machine's time passes by the instructions it runs, and by nothing else: what two runs of
/// the same machine see is then the same, instruction for instruction.
///
/// @param nanosPerInstruction 1 or more; 10 is about what this engine does in the host's time
/// @param wallClockNanos what the machine's clock shows at its start, nanoseconds since 1970 (UTC)
public record Pace(int nanosPerInstruction, long wallClockNanos) {
  public Pace {
    if (nanosPerInstruction < 1) {
      throw new IllegalArgumentException("nanosPerInstruction: " + nanosPerInstruction);
    }
  }
}
