package dev.javisor.x86.state;

/// The six status flags (SDM 1, 3.4.3.1), found when someone asks. An operation leaves its operands
/// and result, sign-extended to 64 bits whatever their width, and the kind says how flags follow.
public final class Flags {
  public static final int CF = 1;
  public static final int PF = 1 << 2;
  public static final int AF = 1 << 4;
  public static final int ZF = 1 << 6;
  public static final int SF = 1 << 7;
  public static final int OF = 1 << 11;

  /// All six.
  public static final int STATUS = CF | PF | AF | ZF | SF | OF;

  public static final int TF = 1 << 8;
  public static final int IF = 1 << 9;
  public static final int DF = 1 << 10;
  public static final int IOPL = 3 << 12;
  public static final int NT = 1 << 14;
  public static final int RF = 1 << 16;
  public static final int VM = 1 << 17;
  public static final int AC = 1 << 18;
  public static final int VIF = 1 << 19;
  public static final int VIP = 1 << 20;
  public static final int ID = 1 << 21;

  /// All flags as A has them.
  static final int EXPLICIT = 0;

  /// SF, ZF and PF from the result, CF, OF and AF as A has them.
  static final int RESULT = 1;

  /// A + B + carry is the result.
  static final int ADD = 2;

  /// A - B - borrow is the result.
  static final int SUB = 3;

  /// As ADD and SUB, but CF is CARRY.
  static final int INC = 4;

  static final int DEC = 5;

  /// As SUB, but with a borrow going in: A and B compared are not the result.
  static final int SBB = 6;

  private Flags() {}

  /// The status flags, each at its place in RFLAGS.
  static int status(int kind, long a, long b, long result, long carry) {
    return switch (kind) {
      case EXPLICIT -> (int) a;
      case RESULT -> ofResult(result) | (int) a;
      case ADD -> ofResult(result) | ofAdd(a, b, result) | carry(addCarries(a, b, result));
      case SUB, SBB -> ofResult(result) | ofSub(a, b, result) | carry(subBorrows(a, b, result));
      case INC -> ofResult(result) | ofAdd(a, b, result) | (int) carry;
      default -> ofResult(result) | ofSub(a, b, result) | (int) carry;
    };
  }

  private static int ofResult(long result) {
    return (result == 0 ? ZF : 0)
        | (result < 0 ? SF : 0)
        | ((Long.bitCount(result & 0xFF) & 1) == 0 ? PF : 0);
  }

  private static int ofAdd(long a, long b, long result) {
    return ((int) (a ^ b ^ result) & AF) | (((a ^ result) & (b ^ result)) < 0 ? OF : 0);
  }

  private static int ofSub(long a, long b, long result) {
    return ((int) (a ^ b ^ result) & AF) | (((a ^ b) & (a ^ result)) < 0 ? OF : 0);
  }

  private static int carry(long carries) {
    return carries < 0 ? CF : 0;
  }

  static long addCarries(long a, long b, long result) {
    return (a & b) | ((a | b) & ~result);
  }

  static long subBorrows(long a, long b, long result) {
    return (~a & b) | ((~a | b) & result);
  }

  /// Whether condition `code` (SDM 2, B.1) holds of `status`.
  static boolean holds(int code, int status) {
    boolean positive =
        switch (code >> 1) {
          case 0 -> (status & OF) != 0;
          case 1 -> (status & CF) != 0;
          case 2 -> (status & ZF) != 0;
          case 3 -> (status & (CF | ZF)) != 0;
          case 4 -> (status & SF) != 0;
          case 5 -> (status & PF) != 0;
          case 6 -> isLess(status);
          default -> (status & ZF) != 0 || isLess(status);
        };
    return positive == ((code & 1) == 0);
  }

  private static boolean isLess(int status) {
    return ((status & SF) != 0) != ((status & OF) != 0);
  }
}
