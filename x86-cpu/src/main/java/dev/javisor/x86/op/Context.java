package dev.javisor.x86.op;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.table.Kind;
import dev.javisor.x86.table.Operand;

/// One instruction on its way to becoming an [Op]: what families ask of it.
///
/// @param offset where in its page the instruction begins
/// @param isFlat whether the mode's segments are all of memory
public record Context(Instruction instruction, int offset, boolean isFlat) {

  public Mode mode() {
    return instruction.mode();
  }

  public String mnemonic() {
    return instruction.form().mnemonic();
  }

  public int operands() {
    return instruction.form().operands().size();
  }

  /// Where in the page the next instruction begins.
  int end() {
    return offset + instruction.length();
  }

  /// Operand `number` of those an assembler would write.
  public Loc loc(int number) {
    return loc(instruction.form().operands().get(number));
  }

  Loc loc(Operand operand) {
    int bytes = bytes(operand);
    Instruction i = instruction;
    return switch (operand.kind()) {
      case E -> i.isMemory() ? memory(bytes) : register(i.rm(), bytes);
      case R -> register(i.rm(), bytes);
      case G -> register(i.reg(), bytes);
      case Z -> register(i.opcodeRegister(), bytes);
      case GENERAL -> Loc.Register.of(operand.register(), bytes);
      case HIGH_BYTE -> new Loc.HighByte(operand.register());
      case M -> memory(bytes);
      case O -> new Loc.Memory(Ea.ofOffset(i, isFlat), bytes);
      case I -> new Loc.Constant(i.immediate(), 8);
      case ONE -> new Loc.Constant(1, 8);
      default -> throw new IllegalArgumentException(i + ": " + operand);
    };
  }

  public int bytes(int number) {
    return bytes(instruction.form().operands().get(number));
  }

  int bytes(Operand operand) {
    return operand
        .width()
        .bytes(
            instruction.operandBytes(),
            instruction.addressBytes(),
            instruction.mode().stackBytes());
  }

  public Kind kind(int number) {
    return instruction.form().operands().get(number).kind();
  }

  private Loc memory(int bytes) {
    return new Loc.Memory(ea(), bytes);
  }

  private Loc register(int number, int bytes) {
    return bytes == 1 && instruction.isHighByte(number)
        ? new Loc.HighByte(number - 4)
        : Loc.Register.of(number, bytes);
  }

  /// The address of the operand that ModRM addresses.
  public Ea ea() {
    return Ea.of(instruction, end(), isFlat);
  }

  /// `[register]` in DS, or what overrides it; in `segment` if that is not -1.
  public Ea at(int register, int segment) {
    int used =
        segment >= 0
            ? segment
            : instruction.override() >= 0 ? instruction.override() : Instruction.DS;
    return Ea.ofRegister(instruction, register, used, isFlat);
  }
}
