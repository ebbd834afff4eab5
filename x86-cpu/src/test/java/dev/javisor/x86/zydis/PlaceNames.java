package dev.javisor.x86.zydis;

import dev.javisor.x86.decode.Place;
import java.util.List;
import java.util.Set;

/// Operands of both decoders as the same words: `eax:32:r`, `memory:64:rw`.
final class PlaceNames {
  private static final String[] OLD = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};

  /// What is state of the processor but no operand of ours: flags and IP are told otherwise, the
  /// x87's words and the system's registers belong to the instruction's meaning.
  private static final Set<String> NOT_OPERANDS =
      Set.of(
          "rip",
          "eip",
          "ip",
          "rflags",
          "eflags",
          "flags",
          "x87status",
          "x87control",
          "x87tag",
          "mxcsr",
          "gdtr",
          "idtr",
          "ldtr",
          "tr",
          "cr0",
          "cr4",
          "xcr0");

  private PlaceNames() {}

  static boolean isOperand(Zydis.Operand operand) {
    return switch (operand.type()) {
      case Zydis.MEMORY -> true;
      case Zydis.REGISTER -> operand.visible() || !NOT_OPERANDS.contains(operand.register());
      default -> false;
    };
  }

  static String of(Zydis.Operand operand) {
    String where = operand.type() == Zydis.MEMORY ? "memory" : operand.register();
    return where + ":" + operand.bits() + ":" + actions(operand.actions());
  }

  static String of(Place place) {
    return where(place) + ":" + place.bytes() * 8 + ":" + actions(bits(place));
  }

  private static String actions(int bits) {
    return ((bits & 1) != 0 ? "r" : "")
        + ((bits & 2) != 0 ? "w" : "")
        + ((bits & 4) != 0 ? "R" : "")
        + ((bits & 8) != 0 ? "W" : "");
  }

  private static int bits(Place place) {
    return switch (place.access()) {
      case READ -> 1;
      case WRITE -> 2;
      case READ_WRITE -> 3;
      case MAYBE_WRITE -> 8;
      case READ_MAYBE_WRITE -> 9;
      case MAYBE_READ -> 4;
      case MAYBE_READ_MAYBE_WRITE -> 12;
    };
  }

  private static String where(Place place) {
    int number = place.register();
    return switch (place.file()) {
      case GENERAL -> general(number, place.bytes());
      case HIGH_BYTE -> "acdb".charAt(number) + "h";
      case SEGMENT -> SEGMENTS[number];
      case CONTROL -> "cr" + number;
      case DEBUG -> "dr" + number;
      case ST -> "st" + number;
      case MMX -> "mm" + number;
      case XMM -> "xmm" + number;
      case MEMORY, IMPLIED_MEMORY -> "memory";
      case IMMEDIATE -> "immediate";
    };
  }

  private static String general(int number, int bytes) {
    if (number >= 8) {
      return "r" + number + (bytes == 8 ? "" : bytes == 4 ? "d" : bytes == 2 ? "w" : "b");
    }
    return switch (bytes) {
      case 8 -> "r" + OLD[number];
      case 4 -> "e" + OLD[number];
      case 2 -> OLD[number];
      default -> number < 4 ? OLD[number].charAt(0) + "l" : OLD[number] + "l";
    };
  }

  /// `reg:32:r` of `eax:32:r`: what a list says of all registers of a file.
  static String withoutNumber(String name) {
    String register = name.substring(0, name.indexOf(':'));
    return file(register) + name.substring(name.indexOf(':'));
  }

  private static String file(String register) {
    for (String file : new String[] {"memory", "xmm", "mm", "st", "cr", "dr"}) {
      if (register.matches(file + "[0-9]*")) {
        return file;
      }
    }
    return List.of(SEGMENTS).contains(register) ? "sreg" : "reg";
  }
}
