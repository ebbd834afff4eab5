package dev.javisor.x86.decode;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.HexFormat;

/// Decodes bytes written in hexadecimal, blanks between them.
final class Bytes {
  private Bytes() {}

  static byte[] of(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  static Decoded decode(Mode mode, String hex) {
    byte[] bytes = of(hex);
    return new Decoder().decode(bytes, 0, bytes.length, mode);
  }

  static Instruction instruction(Mode mode, String hex) {
    return assertInstanceOf(Instruction.class, decode(mode, hex), hex);
  }

  /// In 64-bit mode.
  static Instruction instruction(String hex) {
    return instruction(Mode.LONG, hex);
  }

  static String mnemonic(Mode mode, String hex) {
    return instruction(mode, hex).form().mnemonic();
  }
}
