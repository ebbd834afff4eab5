package dev.javisor.x86.table;

/// One operand of a form, named in the instruction or implied by it.
///
/// @param register which one, where the row names it: 0 is rAX, ES or ST(0)
/// @param count how many of `width` in a row; 1 but for what PUSHA or a far call pushes
public record Operand(Kind kind, Width width, Access access, int register, int count) {

  /// The same operand under a condition.
  public Operand conditional() {
    return new Operand(kind, width, access.conditional(), register, count);
  }

  /// Whether it is memory, if ModRM says so where it can.
  public boolean isMemory(boolean modrmSaysMemory) {
    return switch (kind) {
      case M, O, X, Y, AT -> true;
      case E, Q, W -> modrmSaysMemory;
      default -> false;
    };
  }
}
