package dev.javisor.x86.oracle;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.Kind;
import org.jspecify.annotations.Nullable;

/// What guests see as Intel's processors have it, and AMD's have otherwise: an AMD host is not
/// asked. Each has the test that holds the way of Intel's wherever it runs.
enum Intels {
  NEAR_66(
      "66 shortens a near branch in 64-bit mode (APM 3, Jcc)",
      "LengthTest, nearBranchesIgnore66In64BitMode"),
  NOWHERE(
      "a branch to what is not canonical is taken, and faults there (APM 3, JMP near)",
      "ExceptionContract, aJumpToWhatIsNotCanonicalIsAGeneralProtectionFault"),
  PAUSE_R8(
      "with REX.B it is XCHG with R8 (APM 3, PAUSE)",
      "ValidityTest, nopIsXchgOfNothingAndWithRexBOfR8"),
  PREFETCH_OF_A_REGISTER(
      "undefined (APM 3, PREFETCH)", "ValidityTest, encodingsWithAnOlderMeaningHaveThat"),
  PUSHED_SELECTOR(
      "a selector pushed with 32 bits has zeros above it (APM 3, PUSH)",
      "FoundTest, PUSH ES with 32 bits stores a word"),
  MOVSXD_16("reads 32 bits for a target of 16", "MemoryOperandTest, movsxdOf16BitsReadsAWord"),
  COMPARED_FIRST("CMPS reads [rSI] first", "FoundTest, CMPS reads the second operand first"),
  FLAGS_OF_THE_LAST_ROUND(
      "REP CMPS and SCAS that fault leave the flags of the iteration before",
      "FoundTest, a repeated comparison that faults leaves the flags of before"),
  LOWER_HALF_FIRST(
      "MASKMOVDQU looks at its lower half first",
      "MemoryOperandTest, maskedMoveLooksAtItsUpperHalfFirst"),
  MEMORY_FIRST(
      "an operand in memory that is not there comes before BOUND's and the x87's own exceptions",
      "FoundTest, an index below the lower bound faults before the upper one is read;"
          + " HostFloatingPointTest, anX87ExceptionComesBeforeAFaultOfItsTarget");

  private final String onAmd;
  private final String test;

  Intels(String onAmd, String test) {
    this.onAmd = onAmd;
    this.test = test;
  }

  /// Whether this host would say something else.
  boolean isUnknown() {
    return !Vendor.isIntel();
  }

  private @Nullable Intels ifUnknown(boolean is) {
    return is && isUnknown() ? this : null;
  }

  /// What keeps this host from running a form at all; null if nothing does.
  static @Nullable Intels form(Form form) {
    if (form.mnemonic().equals("pause") && form.opcode().endsWith("rex.b")) {
      return PAUSE_R8.ifUnknown(true);
    }
    return PREFETCH_OF_A_REGISTER.ifUnknown(form.opcode().equals("0F 0D reg"));
  }

  /// What keeps this host from running an instruction.
  static @Nullable Intels encoding(Encoded encoded) {
    Instruction i = encoded.instruction();
    Form form = i.form();
    if (form.is(Attribute.F64)) {
      return NEAR_66.ifUnknown(encoded.isLong() && has66(encoded));
    } else if (form.mnemonic().equals("movsxd")) {
      return MOVSXD_16.ifUnknown(i.operandBytes() == 2);
    }
    boolean isSelector =
        form.mnemonic().equals("push")
            && form.operands().stream().anyMatch(o -> o.kind() == Kind.SEGMENT);
    return PUSHED_SELECTOR.ifUnknown(isSelector && i.operandBytes() == 4);
  }

  private static boolean has66(Encoded encoded) {
    for (int i = 0; i < encoded.instruction().opcodeAt(); i++) {
      if (encoded.bytes()[i] == 0x66) {
        return true;
      }
    }
    return false;
  }

  /// `exempt` and what does not count on this host of an instruction that faulted.
  static Exempt onFault(Instruction i, Exempt exempt) {
    if (Vendor.isIntel()) {
      return exempt;
    }
    String name = i.form().mnemonic();
    boolean compares = name.startsWith("cmps") || name.startsWith("scas");
    boolean repeats = compares && i.isRepeated();
    boolean inParts = name.startsWith("cmps") || name.equals("maskmovdqu");
    boolean finds = name.equals("bound") || i.form().is(Attribute.X87);
    int what =
        exempt.what() | (inParts ? Exempt.WHICH_FAULT : 0) | (finds ? Exempt.MEMORY_FIRST : 0);
    return new Exempt(
        exempt.flags() | (repeats ? i.form().flags().written() : 0),
        exempt.registers(),
        exempt.upperHalves(),
        what);
  }

  @Override
  public String toString() {
    return "not on an AMD, where " + onAmd + ": " + test;
  }
}
