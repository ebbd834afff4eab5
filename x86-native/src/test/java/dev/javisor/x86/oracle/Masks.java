package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Place;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.FlagEffects;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.Kind;
import dev.javisor.x86.table.Operand;
import dev.javisor.x86.table.Width;
import java.lang.foreign.MemorySegment;

/// What the manual leaves undefined of one case, and not a bit more; and the few things that it
/// does not speak of and that processors do differently.
final class Masks {
  private static final int DIVIDE_ERROR = 0;
  private static final int NT = 1 << 14;
  private static final int INDICES =
      1 << CaseRegisters.RCX | 1 << CaseRegisters.RSI | 1 << CaseRegisters.RDI;

  /// All that POPA pops.
  private static final int POPPED = 0xFF & ~(1 << CaseRegisters.RSP);

  private final Instruction instruction;
  private final FlagEffects flags;

  /// What an interrupt of the host may take from a program, see [HostLimits].
  private final int lostFlags;

  private final int width;
  private final boolean counts;
  private final boolean countInCl;
  private final boolean doubleShift;
  private final boolean wordSwap;
  private final boolean shortRepeat;
  private final Exempt onFault;
  private final Exempt undefinedResult;

  Masks(Encoded encoded) {
    instruction = encoded.instruction();
    Form form = instruction.form();
    flags = form.flags();
    lostFlags = HostLimits.areNone() ? 0 : flags.written() & NT;
    doubleShift = form.mnemonic().equals("shld") || form.mnemonic().equals("shrd");
    wordSwap = form.mnemonic().equals("bswap") && instruction.operandBytes() == 2;
    width = 8 * (encoded.places().isEmpty() ? 1 : encoded.places().getFirst().bytes());
    counts = flags.keptAtZero();
    countInCl =
        form.operands().stream().anyMatch(o -> o.kind() == Kind.GENERAL && o.register() == 1);
    shortRepeat = instruction.isRepeated() && encoded.isLong() && instruction.addressBytes() == 4;
    onFault = Intels.onFault(instruction, onFault(form));
    undefinedResult = result(encoded);
  }

  /// How far an instruction had come that faulted in its middle. The stack pointer has not moved,
  /// so that it is repeated as if nothing had been: what lies below it does not count, nor what
  /// POPA will pop once more. An MMX instruction may have emptied the x87's stack before its memory
  /// operand faulted, and one with an operand of many parts may have met the fault in any of them.
  private static Exempt onFault(Form form) {
    boolean pushes = form.implied().stream().anyMatch(Masks::isPushed);
    boolean popsMany = form.mnemonic().startsWith("popa");
    boolean inParts = form.operands().stream().anyMatch(Masks::isInParts);
    int what =
        (pushes || storesInTwo(form) ? Exempt.MEMORY : 0)
            | (inParts ? Exempt.PLACE_IN_PAGE : 0)
            | (form.is(Attribute.MMX) ? Exempt.X87 : 0);
    return new Exempt(0, popsMany ? POPPED : 0, 0, what);
  }

  /// Ten bytes are stored as eight and two, and the two may not be there.
  private static boolean storesInTwo(Form form) {
    return form.operands().stream()
        .anyMatch(o -> o.kind() == Kind.M && o.width() == Width.T && o.access().writes());
  }

  /// Whether a processor may begin with any part of the operand.
  private static boolean isInParts(Operand operand) {
    return switch (operand.width()) {
      case FX, FP, ENV -> true;
      default -> false;
    };
  }

  private static boolean isPushed(Operand operand) {
    return operand.kind() == Kind.AT
        && operand.register() == CaseRegisters.RSP
        && operand.access().writes();
  }

  private static Exempt result(Encoded encoded) {
    if (encoded.places().isEmpty()) {
      return Exempt.NOTHING;
    }
    Place first = encoded.places().getFirst();
    return first.file() == Place.File.GENERAL
        ? new Exempt(0, 1 << first.register(), 0, 0)
        : new Exempt(0, 0, 0, Exempt.MEMORY);
  }

  private int count(MemorySegment cases, long from) {
    int raw =
        countInCl
            ? cases.get(JAVA_BYTE, from + CaseLayout.GENERAL + 8)
            : (int) instruction.immediate();
    return raw & (width == 64 ? 63 : 31);
  }

  /// What does not count of the case at `from` that ended with `vector`.
  Exempt of(MemorySegment cases, long from, long vector) {
    if (shortRepeat && (vector != CaseLayout.NO_VECTOR || countOf(cases, from) == 0)) {
      return repeatedNever(vector);
    } else if (vector != CaseLayout.NO_VECTOR) {
      return vector == DIVIDE_ERROR ? onFault.withFlags(flags.undefined()) : onFault;
    }
    int count = counts ? count(cases, from) : 0;
    int undefined = counts ? flags.undefinedAfter(count, width) : flags.undefined();
    return (isResultUndefined(count) ? undefinedResult : Exempt.NOTHING)
        .withFlags(undefined | lostFlags);
  }

  private static int countOf(MemorySegment cases, long from) {
    return (int) cases.get(JAVA_LONG, from + CaseLayout.GENERAL + 8L * CaseRegisters.RCX);
  }

  /// A repetition that counts in ECX and did not take place: some processors clear the upper halves
  /// of count and indices, others leave them, with F2 other than with F3.
  private Exempt repeatedNever(long vector) {
    return vector == CaseLayout.NO_VECTOR
        ? new Exempt(flags.undefined(), 0, INDICES, 0)
        : new Exempt(onFault.flags(), 0, INDICES, onFault.what());
  }

  /// A double shift by more than the width (SDM 2, SHLD), a BSWAP of a word (SDM 2, BSWAP).
  private boolean isResultUndefined(int count) {
    return doubleShift ? count > width : wordSwap;
  }
}
