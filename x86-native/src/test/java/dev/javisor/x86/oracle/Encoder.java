package dev.javisor.x86.oracle;

import static dev.javisor.x86.oracle.OpcodeText.ANY;

import dev.javisor.x86.decode.Decoded;
import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Makes instructions of a form: what its row fixes as it says, all else at random, and only what
/// the decoder takes for that form. Prefixes are those that change something; which others do
/// nothing is the decoder's tests' business.
public final class Encoder {
  private static final int TRIES_MAX = 400;
  private static final int BYTES = 24;

  private static final int LOCK = 0xF0;
  private static final int OPERAND_SIZE = 0x66;
  private static final int ADDRESS_SIZE = 0x67;
  private static final int REP = 0xF3;
  private static final int REPNE = 0xF2;
  private static final int GS = 0x65;
  private static final int[] FLAT_OVERRIDES = {0x26, 0x2E, 0x36, 0x3E};

  private final Decoder decoder = new Decoder();
  private final Mode mode;
  private final SplittableRandom random;
  private final byte[] bytes = new byte[BYTES];
  private int length;

  public Encoder(Mode mode, SplittableRandom random) {
    this.mode = mode;
    this.random = random;
  }

  /// An instruction of the form whose displacement and immediate are still random; null if there is
  /// none in this mode.
  public @Nullable Encoded encode(Form form) {
    OpcodeText text = OpcodeText.of(form);
    for (int i = 0; i < TRIES_MAX; i++) {
      attempt(form, text);
      Instruction instruction = decode();
      if (instruction != null && instruction.form() == form && isUsable(instruction)) {
        Encoded encoded = new Encoded(Arrays.copyOf(bytes, instruction.length()), instruction);
        if (Intels.encoding(encoded) == null) {
          return encoded;
        }
      }
    }
    return null;
  }

  /// The same instruction with other bytes in its fields.
  Encoded patched(Encoded encoded, long displacement, long immediate) {
    Instruction old = encoded.instruction();
    Arrays.fill(bytes, (byte) 0);
    System.arraycopy(encoded.bytes(), 0, bytes, 0, old.length());
    put(old.displacementAt(), old.displacementBytes(), displacement);
    put(old.immediateAt(), old.immediateBytes(), immediate);
    Instruction instruction = decode();
    if (instruction == null || instruction.form() != old.form()) {
      throw new AssertionError("patching made another instruction of " + encoded);
    }
    return new Encoded(Arrays.copyOf(bytes, instruction.length()), instruction);
  }

  private void put(int at, int count, long value) {
    for (int i = 0; i < count; i++) {
      bytes[at + i] = (byte) (value >> (8 * i));
    }
  }

  private @Nullable Instruction decode() {
    Decoded decoded = decoder.decode(bytes, 0, BYTES, mode);
    return decoded instanceof Instruction instruction ? instruction : null;
  }

  /// Base and index in one register make addresses that cannot be chosen, and so does a bit string
  /// whose index is part of its address. A call to where rSP points would push into code.
  private static boolean isUsable(Instruction i) {
    if (i.form().mnemonic().equals("call") && !i.isMemory() && i.rm() == CaseRegisters.RSP) {
      return i.modrm() < 0;
    }
    if (i.index() != Instruction.NONE && i.index() == i.base()) {
      return false;
    }
    return !i.isMemory()
        || !i.form().is(Attribute.BITS)
        || (i.reg() != i.base() && i.reg() != i.index());
  }

  private void attempt(Form form, OpcodeText text) {
    length = 0;
    prefixes(form, text);
    if (text.twoByte()) {
      put(0x0F);
    }
    put(text.opcode() + random.nextInt(text.many()));
    if (text.hasModrm(form)) {
      put(modrm(text));
    }
    for (int i = length; i < BYTES; i++) {
      bytes[i] = (byte) random.nextInt();
    }
  }

  private void put(int value) {
    bytes[length++] = (byte) value;
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private void prefixes(Form form, OpcodeText text) {
    if (oneIn(mode.isLong() ? 10 : 40)) {
      put(ADDRESS_SIZE);
    }
    if (oneIn(10)) {
      put(mode.isLong() ? GS : FLAT_OVERRIDES[random.nextInt(4)]);
    }
    if (text.prefix() > 0) {
      put(text.prefix());
    }
    if (text.prefix() != 0 && text.prefix() != OPERAND_SIZE && oneIn(4)) {
      put(OPERAND_SIZE);
    }
    if (form.is(Attribute.LOCK) && oneIn(3)) {
      put(LOCK);
    } else if ((form.is(Attribute.REP) || form.is(Attribute.REPZ)) && !oneIn(3)) {
      put(oneIn(2) ? REP : REPNE);
    }
    if (mode.isLong() && (text.rexB() || !oneIn(3))) {
      put(0x40 | random.nextInt(16) | (text.rexB() ? 1 : 0));
    }
  }

  private int modrm(OpcodeText text) {
    int mod = text.mod() == ANY ? (oneIn(2) ? 3 : random.nextInt(3)) : text.mod();
    if (text.mod() == 0) {
      mod = random.nextInt(3);
    }
    int reg = text.reg() == ANY ? random.nextInt(8) : text.reg();
    int rm = text.rm() == ANY ? random.nextInt(8) : text.rm();
    return mod << 6 | reg << 3 | rm;
  }
}
