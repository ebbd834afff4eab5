package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Place;
import dev.javisor.x86.table.FlagEffects;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.Kind;
import dev.javisor.x86.table.Operand;
import java.lang.foreign.MemorySegment;

/// What the manual leaves undefined of one case, and not a bit more.
final class Masks {
  private static final int DIVIDE_ERROR = 0;

  private final Instruction instruction;
  private final FlagEffects flags;
  private final int width;
  private final boolean counts;
  private final boolean countInCl;
  private final boolean doubleShift;

  Masks(Encoded encoded) {
    instruction = encoded.instruction();
    Form form = instruction.form();
    flags = form.flags();
    doubleShift = form.mnemonic().equals("shld") || form.mnemonic().equals("shrd");
    width = 8 * (encoded.places().isEmpty() ? 1 : encoded.places().getFirst().bytes());
    counts = flags.keptAtZero();
    boolean cl = false;
    for (Operand operand : form.operands()) {
      cl |= operand.kind() == Kind.GENERAL && operand.register() == 1;
    }
    countInCl = cl;
  }

  private int count(MemorySegment cases, long from) {
    int raw =
        countInCl
            ? cases.get(JAVA_BYTE, from + CaseLayout.GENERAL + 8)
            : (int) instruction.immediate();
    return raw & (width == 64 ? 63 : 31);
  }

  /// The flags that are undefined after the case.
  int flags(MemorySegment cases, long from, long vector) {
    if (vector != CaseLayout.NO_VECTOR) {
      return vector == DIVIDE_ERROR ? flags.undefined() : 0;
    }
    return counts ? flags.undefinedAfter(count(cases, from), width) : flags.undefined();
  }

  /// Whether the case's result is undefined: a double shift by more than the width (SDM 2, SHLD),
  /// a BSWAP of a word (SDM 2, BSWAP).
  boolean result(MemorySegment cases, long from) {
    if (doubleShift) {
      return count(cases, from) > width;
    }
    return instruction.form().mnemonic().equals("bswap") && instruction.operandBytes() == 2;
  }

  /// The register that [#result] is about, -1 for memory.
  int resultRegister(Encoded encoded) {
    Place first = encoded.places().getFirst();
    return first.file() == Place.File.GENERAL ? first.register() : -1;
  }
}
