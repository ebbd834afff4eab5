package dev.javisor.x86.zydis;

import dev.javisor.x86.decode.Decoded;
import dev.javisor.x86.decode.Decoded.Refusal;
import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Both decoders on the same bytes, in one mode: whether there is an instruction, its mnemonic, its
/// length, and where displacement and immediates stand and what they are.
final class Comparison {
  private static final Set<Integer> LEGACY_PREFIXES =
      Set.of(0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3);

  private static final int KEPT = 100;

  private final Mode mode;
  private final Zydis zydis;
  private final Decoder decoder = new Decoder();
  private final Differences differences;
  private final Map<String, String> found = new TreeMap<>();
  private long compared;
  private long instructions;

  Comparison(Mode mode, Differences differences) {
    this.mode = mode;
    this.zydis = new Zydis(mode);
    this.differences = differences;
  }

  /// Compares what begins at `from` and returns its length, 0 for no instruction.
  int compare(byte[] bytes, int from, int to) {
    boolean valid = zydis.decode(bytes, from, to - from);
    Decoded ours = decoder.decode(bytes, from, to, mode);
    compared++;
    String theirName = valid ? zydis.mnemonic() : GuestModel.UNDEFINED;
    String ourName = GuestModel.name(ours);
    if (ours instanceof Instruction instruction && theirName.equals(ourName)) {
      instructions++;
      report(bytes, from, difference(instruction));
      return instruction.length();
    }
    if (ours != refusal(valid, bytes, from, to)) {
      reportNames(bytes, from, valid, theirName, ours, ourName);
    }
    return valid ? zydis.length() : 0;
  }

  /// What ours should say where Zydis has no instruction of the guest's.
  private @Nullable Refusal refusal(boolean valid, byte[] bytes, int from, int to) {
    if (valid) {
      return GuestModel.has(zydis) ? null : Refusal.UNDEFINED;
    }
    return zydis.isTooLong() && !isXop(bytes, from, to)
        ? Refusal.TOO_LONG
        : zydis.isTruncated() ? Refusal.TRUNCATED : Refusal.UNDEFINED;
  }

  /// Whether it is one of AMD's XOP encodings, 8F with a map of 8 and more: to a guest without them
  /// that is POP with an undefined operation, of which nothing further is read, however long.
  private static boolean isXop(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && LEGACY_PREFIXES.contains(bytes[at] & 0xFF)) {
      at++;
    }
    int end = Math.min(to, from + Decoder.LENGTH_MAX);
    return at + 1 < end && (bytes[at] & 0xFF) == 0x8F && (bytes[at + 1] & 0x1F) >= 8;
  }

  private void reportNames(
      byte[] bytes, int from, boolean valid, String theirName, Decoded ours, String ourName) {
    String encoding =
        valid
            ? Differences.encoding(zydis)
            : ours instanceof Instruction i
                ? Differences.encoding(i.form().opcode().contains("0F "), i.opcode(), i.modrm())
                : "";
    boolean sameLength = !(valid && ours instanceof Instruction i) || i.length() == zydis.length();
    if (!sameLength || !differences.allow(encoding, theirName, ourName)) {
      report(bytes, from, encoding + ": Zydis " + theirName + ", ours " + ourName);
    }
  }

  private @Nullable String difference(Instruction ours) {
    if (!GuestModel.has(zydis)) {
      return ours.form().mnemonic() + ": not the guest's (" + zydis.isaSet() + ")";
    } else if (ours.length() != zydis.length()) {
      return ours + ": Zydis " + zydis.length() + " bytes";
    } else if (ours.displacementBytes() * 8 != zydis.displacementBits()
        || ours.displacement() != zydis.displacement()
        || (ours.displacementBytes() != 0 && ours.displacementAt() != zydis.displacementAt())) {
      return ours + ": displacement " + ours.displacement() + ", Zydis " + zydis.displacement();
    }
    return immediates(ours);
  }

  private @Nullable String immediates(Instruction ours) {
    int bits = zydis.immediateBits(0);
    boolean same =
        ours.immediateBytes() * 8 == bits + zydis.immediateBits(1)
            && (bits == 0 || ours.immediateAt() == zydis.immediateAt(0))
            && (bits == 0 || low(ours.immediate() ^ zydis.immediate(0), bits) == 0)
            && (zydis.immediateBits(1) == 0 || ours.secondImmediate() == zydis.immediate(1));
    return same
        ? null
        : "%s: immediate %x at %d, Zydis %x at %d, %d bits"
            .formatted(
                ours,
                ours.immediate(),
                ours.immediateAt(),
                zydis.immediate(0),
                zydis.immediateAt(0),
                bits);
  }

  private static long low(long value, int bits) {
    return bits == 64 ? value : value & ((1L << bits) - 1);
  }

  /// Every shorter run of an instruction's bytes is too short for both, and both want it all.
  void compareTruncated(byte[] bytes, int length) {
    for (int cut = 0; cut < length; cut++) {
      compared++;
      if (decoder.decode(bytes, 0, cut, mode) != Refusal.TRUNCATED) {
        report(bytes, 0, "ours did not miss what is behind byte " + cut);
      }
      if (cut > 0 && (zydis.decode(bytes, 0, cut) || !zydis.isTruncated())) {
        report(bytes, 0, "Zydis did not miss what is behind byte " + cut);
      }
    }
  }

  /// The instruction behind so many prefixes that it has 15 bytes, and then 16.
  void compareLongest(byte[] bytes, int length, int prefix) {
    byte[] longer = new byte[Decoder.LENGTH_MAX + 9];
    int pad = Decoder.LENGTH_MAX - length;
    java.util.Arrays.fill(longer, 0, pad + 1, (byte) prefix);
    System.arraycopy(bytes, 0, longer, pad, length);
    compare(longer, 0, longer.length);
    System.arraycopy(bytes, 0, longer, pad + 1, length);
    longer[pad] = (byte) prefix;
    compared++;
    Decoded ours = decoder.decode(longer, 0, longer.length, mode);
    boolean valid = zydis.decode(longer, 0, longer.length);
    if (ours != Refusal.TOO_LONG || valid || !zydis.isTooLong()) {
      report(longer, 0, "16 bytes: ours " + GuestModel.name(ours) + ", Zydis " + valid);
    }
  }

  private void report(byte[] bytes, int from, @Nullable String what) {
    if (what != null && found.size() < KEPT) {
      String hex = HexFormat.of().formatHex(bytes, from, Math.min(bytes.length, from + 16));
      found.putIfAbsent(mode + " " + what, hex);
    }
  }

  /// What differs, each with the first bytes that showed it.
  Map<String, String> found() {
    return found;
  }

  long compared() {
    return compared;
  }

  /// How many of them were instructions of the same name.
  long instructions() {
    return instructions;
  }
}
