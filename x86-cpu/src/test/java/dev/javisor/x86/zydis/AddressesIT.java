package dev.javisor.x86.zydis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Segment, base, index and scale of every ModRM and SIB, with every REX, address size and segment
/// prefix, against Zydis.
class AddressesIT {
  private static final int MOV = 0x8B;
  private static final int NO_REX = 0x3F;
  private static final String[] GENERAL = {
    "ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "8", "9", "10", "11", "12", "13", "14", "15"
  };
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};
  private static final byte[][] PREFIXES = {
    {},
    {0x67},
    {0x26},
    {0x2E},
    {0x36},
    {0x3E},
    {0x64},
    {0x65},
    {0x64, 0x67},
    {0x64, 0x36},
    {0x65, 0x64}
  };

  private final Map<String, String> found = new TreeMap<>();
  private final RowDifferences differences = new RowDifferences("address-differences.txt");
  private final byte[] bytes = new byte[16];
  private long compared;

  @Test
  void addressesAreMadeOfWhatZydisSays() {
    for (Mode mode : List.of(Mode.LONG, Mode.CODE32, Mode.CODE16)) {
      Zydis zydis = new Zydis(mode);
      Decoder decoder = new Decoder();
      for (byte[] prefixes : PREFIXES) {
        System.arraycopy(prefixes, 0, bytes, 0, prefixes.length);
        rex(mode, zydis, decoder, prefixes.length);
      }
    }
    System.out.printf("COUNTS zydis addresses: %d compared%n", compared);
    assertEquals(Map.of(), found);
    assertEquals(List.of(), differences.unmet(), "lines that nothing meets");
    assertTrue(compared > 1_000_000, compared + " compared");
  }

  private void rex(Mode mode, Zydis zydis, Decoder decoder, int from) {
    for (int rex = NO_REX; rex <= (mode.isLong() ? 0x4F : NO_REX); rex++) {
      int at = from;
      if (rex != NO_REX) {
        bytes[at++] = (byte) rex;
      }
      bytes[at] = (byte) MOV;
      for (int modrm = 0; modrm < 0xC0; modrm++) {
        bytes[at + 1] = (byte) modrm;
        for (int sib = 0; sib < ((modrm & 7) == 4 ? 256 : 1); sib++) {
          bytes[at + 2] = (byte) sib;
          compare(mode, zydis, decoder);
        }
      }
    }
  }

  private void compare(Mode mode, Zydis zydis, Decoder decoder) {
    compared++;
    Instruction ours = (Instruction) decoder.decode(bytes, 0, bytes.length, mode);
    boolean valid = zydis.decodeFull(bytes);
    Zydis.Operand theirs =
        zydis.operands().stream().filter(o -> o.type() == Zydis.MEMORY).findFirst().orElseThrow();
    String expected = address(theirs);
    String actual = address(ours);
    if (!valid || (!expected.equals(actual) && !isListed(ours, theirs, expected, actual))) {
      found.putIfAbsent(
          mode + " " + actual + " should be " + expected, HexFormat.of().formatHex(bytes));
    }
  }

  /// Whether they differ in the base only, and the list has that.
  private boolean isListed(Instruction ours, Zydis.Operand theirs, String expected, String actual) {
    String base = theirs.base();
    return actual.equals(expected.replace(":" + base + "+", ":none+"))
        && ours.modrm() < 0x40
        && (ours.sib() & 7) == 5
        && differences.allow("mod 0, SIB base 5", base.replace("d", "") + " | none");
  }

  private static String address(Zydis.Operand operand) {
    int scale = operand.index().equals("none") ? 0 : operand.scale();
    return operand.segment() + ":" + operand.base() + "+" + operand.index() + "*" + scale;
  }

  private static String address(Instruction ours) {
    String index = register(ours.index(), ours.addressBytes());
    int scale = index.equals("none") ? 0 : 1 << ours.scale();
    String base = register(ours.base(), ours.addressBytes());
    return SEGMENTS[ours.segment()] + ":" + base + "+" + index + "*" + scale;
  }

  private static String register(int number, int bytes) {
    String prefix = bytes == 8 ? "r" : bytes == 4 ? "e" : "";
    return switch (number) {
      case Instruction.NONE -> "none";
      case Instruction.RIP -> prefix + "ip";
      case 0, 1, 2, 3, 4, 5, 6, 7 -> prefix + GENERAL[number];
      default -> "r" + GENERAL[number] + (bytes == 4 ? "d" : "");
    };
  }
}
