package dev.javisor.x86.oracle;

import java.lang.foreign.MemorySegment;

/// What is compared with the host: a processor in 64-bit or compatibility mode at CPL 3 with IF
/// set, IOPL 0, flat segments with Linux' selectors, GS's base and memory as [GuestMap] has them,
/// all of it readable and writable, nothing else mapped.
interface ModelUnderTest {
  /// Begins a batch: forgets instructions and fills scratch memory as [GuestMap#fillScratch].
  void begin(boolean longMode, long seed);

  /// Takes up an instruction at [GuestMap#instruction] of the slot.
  ///
  /// @return whether the model has it at all
  boolean load(int slot, Encoded encoded);

  /// Runs one case, once. Registers, flags and what [CaseLayout] says of the outcome are read at
  /// `from` and written at `to`; the hot part of scratch memory is copied in before and out after.
  void run(MemorySegment cases, long from, MemorySegment results, long to, CaseLayout layout);

  /// Scratch memory as it is now.
  MemorySegment scratch();
}
