package dev.javisor.x86.table;

import java.util.List;
import java.util.Locale;

/// How rows write an operand: `+Ev`, `=Gb`, `Ib` by the manual's letters; `AL`, `AX`, `EDX`, `RCX`,
/// `R11`, `ES`, `ST`, `ST1` as they are; `rAX` of the operand size, `eAX` of at most 4 bytes, `yAX`
/// of at least 4, `hAX` of half; `aCX` of the address size, `sSP` of the stack's; `STi` by ModRM;
/// `1`; `[SP]v` for memory at a register, `*3` behind it for three of them.
final class OperandCode {
  private static final List<String> GENERAL =
      List.of("AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI");
  private static final List<String> LOW = List.of("AL", "CL", "DL", "BL");
  private static final List<String> HIGH = List.of("AH", "CH", "DH", "BH");
  private static final List<String> SEGMENTS = List.of("ES", "CS", "SS", "DS", "FS", "GS");

  private OperandCode() {}

  static Operand parse(String token) {
    int signs = 0;
    while ("=+~%?".indexOf(token.charAt(signs)) >= 0) {
      signs++;
    }
    Access access = Access.of(token.substring(0, signs));
    String code = token.substring(signs);
    if (code.startsWith("[")) {
      return memory(code, access);
    }
    return code.startsWith("ST") ? x87(code, access) : register(code, access);
  }

  private static Operand memory(String code, Access access) {
    int close = code.indexOf(']');
    int star = code.indexOf('*');
    int count = star < 0 ? 1 : Integer.parseInt(code.substring(star + 1));
    String width = code.substring(close + 1, star < 0 ? code.length() : star);
    int register = GENERAL.indexOf(code.substring(1, close));
    return new Operand(Kind.AT, width(width), access, register, count);
  }

  private static Operand x87(String code, Access access) {
    if (code.equals("STi")) {
      return new Operand(Kind.ST_RM, Width.T, access, 0, 1);
    }
    int number = code.length() == 2 ? 0 : code.charAt(2) - '0';
    return new Operand(Kind.ST, Width.T, access, number, 1);
  }

  private static Operand register(String code, Access access) {
    if (code.equals("1")) {
      return new Operand(Kind.ONE, Width.B, access, 1, 1);
    } else if (code.equals("R11")) {
      return new Operand(Kind.GENERAL, Width.Q, access, 11, 1);
    } else if (SEGMENTS.contains(code)) {
      return new Operand(Kind.SEGMENT, Width.W, access, SEGMENTS.indexOf(code), 1);
    } else if (LOW.contains(code)) {
      return new Operand(Kind.GENERAL, Width.B, access, LOW.indexOf(code), 1);
    } else if (HIGH.contains(code)) {
      return new Operand(Kind.HIGH_BYTE, Width.B, access, HIGH.indexOf(code), 1);
    } else if (GENERAL.contains(code)) {
      return new Operand(Kind.GENERAL, Width.W, access, GENERAL.indexOf(code), 1);
    } else if (GENERAL.contains(code.substring(1))) {
      int register = GENERAL.indexOf(code.substring(1));
      return new Operand(Kind.GENERAL, sizeOf(code.charAt(0)), access, register, 1);
    }
    Kind kind = Kind.valueOf(code.substring(0, 1));
    return new Operand(kind, width(code.substring(1)), access, 0, 1);
  }

  private static Width sizeOf(char prefix) {
    return switch (prefix) {
      case 'E' -> Width.D;
      case 'R' -> Width.Q;
      case 'r' -> Width.V;
      case 'e' -> Width.Z;
      case 'y' -> Width.Y;
      case 'h' -> Width.H;
      case 'a' -> Width.ADDRESS;
      case 's' -> Width.STACK;
      default -> throw new IllegalArgumentException("no size is written " + prefix);
    };
  }

  private static Width width(String name) {
    return name.isEmpty() ? Width.NONE : Width.valueOf(name.toUpperCase(Locale.ROOT));
  }
}
