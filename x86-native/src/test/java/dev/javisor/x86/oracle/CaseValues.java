package dev.javisor.x86.oracle;

import java.util.SplittableRandom;

/// Values for the operands of one instruction's cases.
final class CaseValues {
  private final SplittableRandom random;
  private final int slot;
  private final boolean mayLeaveCanonical;

  CaseValues(Encoded encoded, int slot, SplittableRandom random) {
    this.random = random;
    this.slot = slot;
    this.mayLeaveCanonical = encoded.isLong() && !Intels.NOWHERE.isUnknown();
  }

  /// Pairs of corners for the first two operands until all were had.
  ///
  /// @param turn how many cases the form has had
  /// @param number of the operand
  long value(int bytes, int turn, int number) {
    int width = Math.min(bytes, Long.BYTES);
    if (turn < Values.CORNERS * Values.CORNERS && number < 2) {
      return Values.integer(width, number == 0 ? turn : turn / Values.CORNERS);
    }
    int choice = random.nextInt();
    return (choice & 3) == 0 ? Values.integer(width, choice >>> 8) : Values.any(random);
  }

  /// A landing; sometimes nothing that can be executed. [Intels#NOWHERE] says why not more
  /// often.
  long branchTarget() {
    int choice = random.nextInt(16);
    if (choice == 0) {
      return GuestMap.SCRATCH + GuestMap.SCRATCH_BYTES + random.nextInt(4096);
    } else if (choice == 1 && mayLeaveCanonical) {
      return 0x0100_0000_0000_0000L | random.nextLong() >>> 8;
    }
    return choice < 8 ? GuestMap.backward(slot) : GuestMap.forward(slot);
  }
}
