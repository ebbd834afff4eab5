package dev.javisor.x86.fp;

import java.lang.foreign.MemorySegment;

/// Does arithmetic: runs one instruction of the x87's or SSE's on operands in a state block,
/// exactly as a processor does. What an exception then means for the guest is not its business.
/// Found by [Routines].
public interface FloatingPoint {

  /// What an instruction works on, and so what is loaded before it and stored after it.
  enum Target {
    /// XMM0: loaded from [Slots#FP_TARGET] and stored there. MXCSR is [Slots#FP_MXCSR] while it
    /// runs, and what it has become is stored there; all exceptions are masked in it.
    XMM,
    /// MM0: stored at [Slots#FP_TARGET], 8 bytes. MXCSR as before.
    MMX,
    /// RAX: stored at [Slots#FP_TARGET], 8 bytes. MXCSR as before.
    GENERAL,
    /// The x87's registers: loaded by FXRSTOR64 from [Slots#FP_IMAGE] and stored there by FXSAVE64.
    /// Exceptions are masked as the image says: none is pending before, and one that is afterwards
    /// must not be raised. The status flags are those of [Slots#FP_FLAGS], and what they have
    /// become is stored there.
    X87
  }

  /// An instruction that can be run.
  @FunctionalInterface
  interface Routine {
    /// @param block the state block that [Slots] lays out
    void run(MemorySegment block);
  }

  /// Prepares an instruction. Any thread.
  ///
  /// @param code the instruction as 64-bit mode has it. A memory operand is `[RDI + FP_SOURCE]`
  ///     with a displacement of 4 bytes, and RDI the block's address; an operand in XMM, MMX or
  ///     general registers is `target`, number 0
  Routine prepare(Target target, byte[] code);
}
