package dev.javisor.x86.decode;

/// What of the processor's mode the bytes' meaning depends on: CS.L and CS.D (SDM 3, 5.2.1), and
/// for implied stack operands SS.B. Real-address and virtual-8086 mode are [#CODE16].
public enum Mode {
  LONG(8, 8),
  CODE32(4, 4),
  CODE16(2, 2),
  CODE32_STACK16(4, 2),
  CODE16_STACK32(2, 4);

  private final int codeBytes;
  private final int stackBytes;

  Mode(int codeBytes, int stackBytes) {
    this.codeBytes = codeBytes;
    this.stackBytes = stackBytes;
  }

  public boolean isLong() {
    return this == LONG;
  }

  /// The address size without a prefix, in bytes.
  public int codeBytes() {
    return codeBytes;
  }

  /// The width of the stack pointer in bytes.
  public int stackBytes() {
    return stackBytes;
  }
}
