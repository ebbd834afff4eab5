package dev.javisor.x86.oracle;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// Where things are in the child, and where a model has to have the guest's. All of it below 2 GiB,
/// so that compatibility mode and 32-bit displacements reach it; nothing else is there, since the
/// child's heap starts far above. What is not mapped is a guard.
final class GuestMap {
  /// The stub, and the oracle's own machine code with what it notes down.
  static final long STUB = 0x2000_0000L;

  static final long OWN = 0x2001_0000L;

  /// Instructions, each in a slot of its own with places to land before, behind and further on.
  static final long SLOTS = 0x2100_0000L;

  static final int SLOT_COUNT = 64;
  static final int SLOT_BYTES = 128;
  static final int INSTRUCTION_AT = 32;
  static final int BACKWARD_AT = 0;
  static final int FORWARD_AT = 96;

  /// Memory that instructions may have their way with.
  static final long SCRATCH = 0x3000_0000L;

  static final int SCRATCH_BYTES = 4 * 4096;

  static final long GS_BASE = 0x2F00_0000L;

  /// Selectors of a user program under Linux.
  static final int CS_LONG = 0x33;

  static final int CS_COMPATIBILITY = 0x23;
  static final int DATA = 0x2B;

  private GuestMap() {}

  static long instruction(int slot) {
    return SLOTS + (long) slot * SLOT_BYTES + INSTRUCTION_AT;
  }

  static long backward(int slot) {
    return SLOTS + (long) slot * SLOT_BYTES + BACKWARD_AT;
  }

  static long forward(int slot) {
    return SLOTS + (long) slot * SLOT_BYTES + FORWARD_AT;
  }

  /// What the scratch memory holds before the first case of a batch.
  static void fillScratch(MemorySegment scratch, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (long at = 0; at < SCRATCH_BYTES; at += Long.BYTES) {
      scratch.set(ValueLayout.JAVA_LONG, at, random.nextLong());
    }
  }
}
