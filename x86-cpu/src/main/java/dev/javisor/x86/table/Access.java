package dev.javisor.x86.table;

/// What an instruction does to an operand, and the sign that says so before the operand in a row.
public enum Access {
  READ(""),
  WRITE("="),
  READ_WRITE("+"),
  /// Written only if a condition holds, not read: BSF of zero leaves its target alone.
  MAYBE_WRITE("~"),
  /// Read, and written only if a condition holds: CMOVcc.
  READ_MAYBE_WRITE("%"),
  /// A REP form whose count may be 0 reads nothing then.
  MAYBE_READ("?"),
  MAYBE_READ_MAYBE_WRITE("?~");

  private final String sign;

  Access(String sign) {
    this.sign = sign;
  }

  static Access of(String signs) {
    for (Access access : values()) {
      if (access.sign.equals(signs)) {
        return access;
      }
    }
    throw new IllegalArgumentException("no access is written " + signs);
  }

  /// Whether the operand's old value matters.
  public boolean reads() {
    return this != WRITE && this != MAYBE_WRITE;
  }

  /// Whether the operand may have another value afterwards.
  public boolean writes() {
    return this != READ && this != MAYBE_READ;
  }

  /// The same under a condition: what a REP prefix makes of a string instruction's operands.
  public Access conditional() {
    return switch (this) {
      case READ, MAYBE_READ -> MAYBE_READ;
      case WRITE, MAYBE_WRITE -> MAYBE_WRITE;
      case READ_WRITE, READ_MAYBE_WRITE, MAYBE_READ_MAYBE_WRITE -> MAYBE_READ_MAYBE_WRITE;
    };
  }
}
