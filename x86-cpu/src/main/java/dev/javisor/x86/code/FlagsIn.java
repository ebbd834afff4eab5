package dev.javisor.x86.code;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Place;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import java.util.List;

/// What a block does with the status flags it is entered with: whoever translates the block before
/// it need not make those that are `dropped`. A flag that is in neither mask passes through.
///
/// @param read an instruction may use what came in
/// @param overwritten not read, and another value whenever the block is run to its end
/// @param dropped those of `overwritten` that are so before any instruction may raise an exception,
///     touch memory or end the block, with the flags for all to see
public record FlagsIn(int read, int overwritten, int dropped) {
  /// Of a block of which nothing is known.
  public static final FlagsIn UNKNOWN = new FlagsIn(Flags.STATUS, 0, 0);

  /// Of a block of these instructions.
  public static FlagsIn of(List<Instruction> instructions) {
    int read = 0;
    int overwritten = 0;
    int dropped = 0;
    boolean isSeen = false;
    for (Instruction instruction : instructions) {
      read |= instruction.form().flags().read() & ~overwritten;
      isSeen |= shows(instruction);
      overwritten |= overwritten(instruction) & ~read;
      dropped = isSeen ? dropped : overwritten;
    }
    return new FlagsIn(read & Flags.STATUS, overwritten & Flags.STATUS, dropped & Flags.STATUS);
  }

  /// What is undefined behind these is what it was, as on most processors, and is not dropped, so
  /// that all executors show the same.
  private static int overwritten(Instruction instruction) {
    int flags = instruction.overwrittenFlags();
    return switch (instruction.form().mnemonic()) {
      case "bt", "bts", "btr", "btc", "bsf", "bsr", "aaa", "aas" ->
          flags & ~instruction.form().flags().undefined();
      default -> flags;
    };
  }

  /// Whether the flags from before an instruction may be seen: when it faults, or when it lets go
  /// of the block.
  private static boolean shows(Instruction instruction) {
    Form form = instruction.form();
    return form.endsBlock()
        || instruction.isRepeated()
        || form.attributes().stream().anyMatch(FlagsIn::shows)
        || (usesAddress(form) && instruction.places().stream().anyMatch(FlagsIn::isInMemory));
  }

  /// LEA and NOPs address memory and leave it alone.
  private static boolean usesAddress(Form form) {
    return !form.is(Attribute.HINT) && !form.mnemonic().equals("lea");
  }

  /// Attributes are reasons to fault, but for these.
  private static boolean shows(Attribute attribute) {
    return switch (attribute) {
      case LOCK, REP, REPZ, NO64, ONLY64, D64, F64, ANYMOD, BITS, HINT -> false;
      default -> true;
    };
  }

  private static boolean isInMemory(Place place) {
    return switch (place.file()) {
      case MEMORY, IMPLIED_MEMORY -> true;
      default -> false;
    };
  }
}
