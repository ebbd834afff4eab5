package dev.javisor.x86.oracle;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Place;
import java.util.HexFormat;
import java.util.List;

/// An instruction with its bytes.
///
/// @param places what [Instruction#places()] says, found once
public record Encoded(byte[] bytes, Instruction instruction, List<Place> places) {

  Encoded(byte[] bytes, Instruction instruction) {
    this(bytes, instruction, instruction.places());
  }

  boolean isLong() {
    return instruction.mode().isLong();
  }

  String hex() {
    return HexFormat.ofDelimiter(" ").formatHex(bytes);
  }

  @Override
  public String toString() {
    return instruction.form() + " " + instruction.mode() + " " + hex();
  }
}
