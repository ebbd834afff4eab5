package dev.javisor.x86.decode;

import dev.javisor.x86.decode.Place.File;
import dev.javisor.x86.table.Access;
import dev.javisor.x86.table.Operand;
import java.util.ArrayList;
import java.util.List;

/// Finds the operands of one instruction. For those who translate and test; not on the fast path.
final class Places {
  private final Instruction instruction;
  private final List<Place> places = new ArrayList<>();

  private Places(Instruction instruction) {
    this.instruction = instruction;
  }

  static List<Place> of(Instruction instruction) {
    Places found = new Places(instruction);
    instruction.form().operands().forEach(found::add);
    instruction.form().implied().forEach(found::add);
    if (instruction.isRepeated()) {
      found.addCount();
    }
    return List.copyOf(found.places);
  }

  private void add(Operand named) {
    Operand operand =
        instruction.isRepeated() && isConditional(named) ? named.conditional() : named;
    int bytes =
        operand
                .width()
                .bytes(
                    instruction.operandBytes(),
                    instruction.addressBytes(),
                    instruction.mode().stackBytes())
            * operand.count();
    places.add(place(operand, bytes));
  }

  /// A count of 0 touches nothing, DX excepted, which INS and OUTS read for its permission.
  private static boolean isConditional(Operand operand) {
    return operand.register() != 2;
  }

  private void addCount() {
    places.add(new Place(File.GENERAL, 1, instruction.addressBytes(), Access.READ_MAYBE_WRITE));
  }

  private Place place(Operand operand, int bytes) {
    return switch (operand.kind()) {
      case E -> instruction.isMemory() ? memory(operand, bytes) : general(operand, rm(), bytes);
      case Q -> instruction.isMemory() ? memory(operand, bytes) : mmx(operand, rm(), bytes);
      case W -> instruction.isMemory() ? memory(operand, bytes) : xmm(operand, rm(), bytes);
      case M, O -> memory(operand, bytes);
      case X, Y, AT -> new Place(File.IMPLIED_MEMORY, 0, bytes, operand.access());
      case G -> general(operand, instruction.reg(), bytes);
      case R -> general(operand, rm(), bytes);
      case Z -> general(operand, instruction.opcodeRegister(), bytes);
      case GENERAL -> new Place(File.GENERAL, operand.register(), bytes, operand.access());
      case HIGH_BYTE -> new Place(File.HIGH_BYTE, operand.register(), bytes, operand.access());
      case P -> mmx(operand, instruction.reg(), bytes);
      case N -> mmx(operand, rm(), bytes);
      case V -> xmm(operand, instruction.reg(), bytes);
      case U -> xmm(operand, rm(), bytes);
      case S -> new Place(File.SEGMENT, instruction.segmentRegister(), bytes, operand.access());
      case SEGMENT -> new Place(File.SEGMENT, operand.register(), bytes, operand.access());
      case C -> new Place(File.CONTROL, instruction.reg(), bytes, operand.access());
      case D -> new Place(File.DEBUG, instruction.reg(), bytes, operand.access());
      case ST -> new Place(File.ST, operand.register(), bytes, operand.access());
      case ST_RM -> new Place(File.ST, rm() & 7, bytes, operand.access());
      case I, J, A, ONE -> new Place(File.IMMEDIATE, 0, bytes, operand.access());
    };
  }

  private int rm() {
    return instruction.rm();
  }

  /// A bit string's memory counts as one operand size, wherever it is.
  private static Place memory(Operand operand, int bytes) {
    return new Place(File.MEMORY, 0, bytes, operand.access());
  }

  private Place general(Operand operand, int register, int bytes) {
    return bytes == 1 && instruction.isHighByte(register)
        ? new Place(File.HIGH_BYTE, register - 4, 1, operand.access())
        : new Place(File.GENERAL, register, bytes, operand.access());
  }

  private static Place mmx(Operand operand, int register, int bytes) {
    return new Place(File.MMX, register & 7, bytes, operand.access());
  }

  private static Place xmm(Operand operand, int register, int bytes) {
    return new Place(File.XMM, register, bytes, operand.access());
  }
}
