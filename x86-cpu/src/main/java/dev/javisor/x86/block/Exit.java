package dev.javisor.x86.block;

/// How an executor comes back. Status flags are then whole, whatever was done about them meanwhile.
public sealed interface Exit {
  /// With RIP where the processor stands, and what was paid for instructions that have not run
  /// given back.
  enum Reason implements Exit {
    /// RIP says where to go on: at a block that the executor knows no way to or cannot pay for, or
    /// behind an instruction that may have changed the ground it stands on.
    LEFT,
    /// The instruction at RIP has raised the exception in [dev.javisor.x86.state.Cpu#raised], and
    /// counts as run.
    FAULT,
    /// The instruction at RIP waits for an answer, and has not run.
    ACCESS
  }

  /// It stands before an instruction that is not for it. RIP says nothing and the rest of the block
  /// stays paid for: who called runs the instruction, and enters again behind it if the block still
  /// goes on there.
  ///
  /// @param op of `block`, the one that was entered or another
  record Interpret(Block block, Op op) implements Exit {}
}
