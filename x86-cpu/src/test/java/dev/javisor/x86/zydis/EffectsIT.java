package dev.javisor.x86.zydis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.decode.Place;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.FlagEffects;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What instructions do to operands and flags, against Zydis: sets of (register or memory, width,
/// action), and masks of flags.
class EffectsIT {
  private static final List<Mode> MODES = List.of(Mode.LONG, Mode.CODE32, Mode.CODE16);
  private static final int LEAST = 500_000;

  /// CF PF AF ZF SF TF IF DF OF NT.
  private static final String FLAG_LETTERS = "CPAZSTIDON";

  private static final int[] FLAG_BITS = {0, 2, 4, 6, 7, 8, 9, 10, 11, 14};

  private final Map<String, String> found = new TreeMap<>();

  @Test
  void operandsAreReadAndWrittenAsZydisSays() {
    RowDifferences differences = new RowDifferences("operand-differences.txt");
    compareAll(differences, this::compareOperands);
    assertEquals(Map.of(), found);
    assertEquals(List.of(), differences.unmet(), "lines that nothing meets");
  }

  @Test
  void flagsAreReadAndWrittenAsZydisSays() {
    RowDifferences differences = new RowDifferences("flag-differences.txt");
    compareAll(differences, this::compareFlags);
    assertEquals(Map.of(), found);
    assertEquals(List.of(), differences.unmet(), "lines that nothing meets");
  }

  @Test
  void privilegedInstructionsAreThoseOfZydis() {
    RowDifferences none = new RowDifferences("privilege-differences.txt");
    compareAll(none, this::comparePrivilege);
    assertEquals(Map.of(), found);
    assertEquals(List.of(), none.unmet(), "lines that nothing meets");
  }

  @Test
  void whatWritesTheInstructionPointerEndsItsBlock() {
    compareAll(new RowDifferences("privilege-differences.txt"), this::compareBlockEnd);
    assertEquals(Map.of(), found);
  }

  private interface Check {
    void run(Zydis zydis, Instruction ours, RowDifferences differences, byte[] bytes);
  }

  private void compareAll(RowDifferences differences, Check check) {
    long instructions = 0;
    for (Mode mode : MODES) {
      Zydis zydis = new Zydis(mode);
      instructions +=
          new AddressingSweep(
                  mode, zydis, (ours, bytes) -> check.run(zydis, ours, differences, bytes))
              .run();
    }
    System.out.printf("COUNTS zydis effects: %d instructions%n", instructions);
    assertTrue(instructions > LEAST, instructions + " instructions");
  }

  private void compareOperands(
      Zydis zydis, Instruction ours, RowDifferences differences, byte[] bytes) {
    NavigableSet<String> theirSet = new TreeSet<>();
    NavigableSet<String> ourSet = new TreeSet<>();
    zydis.operands().stream()
        .filter(PlaceNames::isOperand)
        .map(PlaceNames::of)
        .forEach(theirSet::add);
    for (Place place : ours.places()) {
      if (place.file() != Place.File.IMMEDIATE) {
        ourSet.add(PlaceNames.of(place));
      }
    }
    if (!theirSet.equals(ourSet)) {
      String both = only(theirSet, ourSet) + " | " + only(ourSet, theirSet);
      report(differences, ours, both, bytes);
    }
  }

  /// What `set` has and `other` has not, registers by their kind; the order is by kind and action.
  private static String only(NavigableSet<String> set, NavigableSet<String> other) {
    return set.stream()
        .filter(s -> !other.contains(s))
        .map(PlaceNames::withoutNumber)
        .distinct()
        .sorted(Comparator.comparing(name -> name.replaceAll("[0-9]", "")))
        .collect(Collectors.joining(", "));
  }

  private void compareFlags(
      Zydis zydis, Instruction ours, RowDifferences differences, byte[] bytes) {
    FlagEffects flags = ours.form().flags();
    int everUndefined =
        flags.undefined()
            | flags.undefinedUnlessOne()
            | flags.undefinedFromWidth()
            | flags.undefinedAboveWidth();
    int written = zydis.flags(1) | zydis.flags(2) | zydis.flags(3) | zydis.flags(4);
    part(differences, ours, bytes, "read", zydis.flags(0), flags.read());
    part(differences, ours, bytes, "written", written, flags.written());
    part(differences, ours, bytes, "cleared", zydis.flags(2), flags.cleared());
    part(differences, ours, bytes, "set", zydis.flags(3), flags.set());
    part(differences, ours, bytes, "undefined", zydis.flags(4), everUndefined);
  }

  private void part(
      RowDifferences differences,
      Instruction ours,
      byte[] bytes,
      String name,
      int theirMask,
      int ourMask) {
    if (!letters(theirMask).equals(letters(ourMask))) {
      report(
          differences, ours, name + " | " + letters(theirMask) + " | " + letters(ourMask), bytes);
    }
  }

  private void comparePrivilege(
      Zydis zydis, Instruction ours, RowDifferences differences, byte[] bytes) {
    boolean theirs = (zydis.attributes() & Zydis.IS_PRIVILEGED) != 0;
    if (theirs != ours.form().is(Attribute.CPL0)) {
      report(differences, ours, theirs ? "privileged | not" : "not | privileged", bytes);
    }
  }

  private void compareBlockEnd(
      Zydis zydis, Instruction ours, RowDifferences differences, byte[] bytes) {
    boolean jumps =
        zydis.operands().stream()
            .anyMatch(o -> o.register().matches("[re]?ip") && (o.actions() & 0xA) != 0);
    if (jumps && !ours.form().endsBlock()) {
      report(differences, ours, "writes the instruction pointer |", bytes);
    }
  }

  private static String letters(int mask) {
    StringBuilder letters = new StringBuilder();
    for (int i = 0; i < FLAG_BITS.length; i++) {
      if ((mask >> FLAG_BITS[i] & 1) != 0) {
        letters.append(FLAG_LETTERS.charAt(i));
      }
    }
    return letters.toString();
  }

  private void report(RowDifferences differences, Instruction ours, String what, byte[] bytes) {
    String row = ours.form().opcode();
    if (!differences.allow(row, what)) {
      found.putIfAbsent(
          row + " | " + what,
          ours.mode() + " " + ours.form().mnemonic() + " " + HexFormat.of().formatHex(bytes));
    }
  }
}
