package dev.javisor.x86.state;

/// An exception of the guest's (SDM 3A, 7.15) on its way from where it was found to where it is
/// delivered. Each [Cpu] has one and throws it again and again; it has no stack trace.
public final class CpuFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  public static final int DE = 0;
  public static final int DB = 1;
  public static final int NMI = 2;
  public static final int BP = 3;
  public static final int OF = 4;
  public static final int BR = 5;
  public static final int UD = 6;
  public static final int NM = 7;
  public static final int DF = 8;
  public static final int TS = 10;
  public static final int NP = 11;
  public static final int SS = 12;
  public static final int GP = 13;
  public static final int PF = 14;
  public static final int MF = 16;
  public static final int AC = 17;
  public static final int XM = 19;

  private int vector;
  private int errorCode;
  private boolean nonCanonical;

  CpuFault() {
    super(null, null, false, false);
  }

  CpuFault set(int newVector, int newErrorCode, boolean isNonCanonical) {
    vector = newVector;
    errorCode = newErrorCode;
    nonCanonical = isNonCanonical;
    return this;
  }

  public int vector() {
    return vector;
  }

  /// 0 for exceptions that push none.
  public int errorCode() {
    return errorCode;
  }

  /// Whether it is `#GP(0)` for an address that is not canonical: `#SS(0)` if that was of the
  /// stack.
  public boolean isNonCanonical() {
    return nonCanonical;
  }

  /// Whether an exception pushes an error code (SDM 3A, table 7-1).
  public static boolean hasErrorCode(int vector) {
    return vector == DF || (vector >= TS && vector <= PF) || vector == AC;
  }

  @Override
  public String getMessage() {
    return "exception %d, error code 0x%x".formatted(vector, errorCode);
  }
}
