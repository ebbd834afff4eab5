package dev.javisor.x86.table;

/// What a form does to RFLAGS, each as a mask of its bits (SDM 1, 3.4.3). A flag that is undefined
/// under a condition is also in `written`: defined or not, it is not what it was.
///
/// @param read flags whose old value matters
/// @param written all that the form may change
/// @param cleared those of `written` that always become 0
/// @param set those that always become 1
/// @param undefined left undefined always
/// @param undefinedUnlessOne left undefined unless the count is 1
/// @param undefinedFromWidth left undefined if the masked count is the operand's width or above
/// @param undefinedAboveWidth left undefined if the masked count is above the operand's width
/// @param keptAtZero nothing changes when the masked count is 0
public record FlagEffects(
    int read,
    int written,
    int cleared,
    int set,
    int undefined,
    int undefinedUnlessOne,
    int undefinedFromWidth,
    int undefinedAboveWidth,
    boolean keptAtZero) {
  /// The letters of rows and their bits; L is IOPL, N NT, X AC, F VIF, Q VIP, Y ID.
  private static final String LETTERS = "CPAZSTIDOLNRVXFQY";

  private static final int[] BITS = {
    1, 1 << 2, 1 << 4, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 3 << 12, 1 << 14, 1 << 16,
    1 << 17, 1 << 18, 1 << 19, 1 << 20, 1 << 21
  };

  static FlagEffects parse(String column) {
    FlagEffects all = new FlagEffects(0, 0, 0, 0, 0, 0, 0, 0, false);
    for (String token : OpcodeRow.words(column)) {
      all = all.with(token);
    }
    return all;
  }

  private FlagEffects with(String token) {
    int colon = token.indexOf(':');
    String key = colon < 0 ? "" : token.substring(0, colon);
    if (token.equals("count")) {
      return new FlagEffects(
          read,
          written,
          cleared,
          set,
          undefined,
          undefinedUnlessOne,
          undefinedFromWidth,
          undefinedAboveWidth,
          true);
    }
    int mask = mask(token.substring(colon + 1));
    return switch (key) {
      case "r" -> or(mask, 0, 0, 0, 0, 0, 0, 0);
      case "" -> or(0, mask, 0, 0, 0, 0, 0, 0);
      case "0" -> or(0, mask, mask, 0, 0, 0, 0, 0);
      case "1" -> or(0, mask, 0, mask, 0, 0, 0, 0);
      case "u" -> or(0, mask, 0, 0, mask, 0, 0, 0);
      case "u1" -> or(0, mask, 0, 0, 0, mask, 0, 0);
      case "uw" -> or(0, mask, 0, 0, 0, 0, mask, 0);
      case "ux" -> or(0, mask, 0, 0, 0, 0, 0, mask);
      default -> throw new IllegalArgumentException("flags: " + token);
    };
  }

  private FlagEffects or(int r, int w, int zero, int one, int u, int u1, int uw, int ux) {
    return new FlagEffects(
        read | r,
        written | w,
        cleared | zero,
        set | one,
        undefined | u,
        undefinedUnlessOne | u1,
        undefinedFromWidth | uw,
        undefinedAboveWidth | ux,
        keptAtZero);
  }

  private static int mask(String letters) {
    int mask = 0;
    for (int i = 0; i < letters.length(); i++) {
      int at = LETTERS.indexOf(letters.charAt(i));
      if (at < 0) {
        throw new IllegalArgumentException("no flag " + letters.charAt(i));
      }
      mask |= BITS[at];
    }
    return mask;
  }

  /// What is undefined after a shift or rotation of a `width`-bit operand by `count`, already
  /// masked to 5 or 6 bits.
  public int undefinedAfter(int count, int width) {
    if (keptAtZero && count == 0) {
      return 0;
    }
    return undefined
        | (count == 1 ? 0 : undefinedUnlessOne)
        | (count >= width ? undefinedFromWidth : 0)
        | (count > width ? undefinedAboveWidth : 0);
  }

  /// The flags that have a new value afterwards whatever the operands: what an earlier instruction
  /// left there is dead.
  public int overwritten() {
    return keptAtZero ? 0 : written;
  }
}
