package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Place;
import dev.javisor.x86.table.Kind;
import java.lang.foreign.MemorySegment;

/// A model of ADD, ADC and SHL between registers, with a choice of bugs: what the oracle itself is
/// tested with.
final class TinyModel implements ModelUnderTest {
  /// What is wrong with it.
  enum Bug {
    NONE,
    CARRY_IN_IS_NOT_COUNTED,
    CARRY_OUT_MISSES_THE_CARRY_IN,
    OVERFLOW_COMPARES_WITH_CARRY,
    ADJUST_FROM_THE_RESULT_ALONE,
    PARITY_OF_ALL_BITS,
    SIGN_OF_32_BITS,
    UPPER_HALF_IS_KEPT,
    HIGH_BYTES_ARE_LOW_ONES,
    COUNT_IS_NOT_MASKED,
    ZERO_COUNT_CHANGES_FLAGS,
    SHIFTED_OUT_BIT_IS_THE_NEXT
  }

  private static final int CF = 1;
  private static final int PF = 4;
  private static final int AF = 16;
  private static final int ZF = 64;
  private static final int SF = 128;
  private static final int OF = 0x800;
  private static final int STATUS = CF | PF | AF | ZF | SF | OF;

  private final Bug bug;
  private final MemorySegment scratch = MemorySegment.ofArray(new long[GuestMap.SCRATCH_BYTES / 8]);
  private final Encoded[] loaded = new Encoded[GuestMap.SLOT_COUNT];
  private MemorySegment results = MemorySegment.NULL;
  private long to;

  TinyModel(Bug bug) {
    this.bug = bug;
  }

  @Override
  public void begin(boolean longMode, long seed) {
    GuestMap.fillScratch(scratch, seed);
  }

  @Override
  public boolean load(int slot, Encoded encoded) {
    loaded[slot] = encoded;
    String mnemonic = encoded.instruction().form().mnemonic();
    return encoded.isLong()
        && !encoded.instruction().isMemory()
        && (mnemonic.equals("add") || mnemonic.equals("adc") || mnemonic.equals("shl"));
  }

  @Override
  public MemorySegment scratch() {
    return scratch;
  }

  @Override
  public void run(MemorySegment cases, long from, MemorySegment out, long at, CaseLayout layout) {
    MemorySegment.copy(cases, from, out, at, layout.bytes());
    int hot = cases.get(JAVA_INT, from + CaseLayout.HOT_OFFSET);
    MemorySegment.copy(cases, from + layout.hot(), scratch, hot, layout.hotBytes());
    results = out;
    to = at;
    int slot = cases.get(JAVA_INT, from + CaseLayout.SLOT);
    Encoded encoded = loaded[slot];
    int flags = (int) cases.get(JAVA_LONG, from + CaseLayout.FLAGS);
    int after =
        encoded.instruction().form().mnemonic().equals("shl")
            ? shl(encoded, flags)
            : add(encoded, flags);
    out.set(JAVA_LONG, at + CaseLayout.FLAGS, after);
    out.set(JAVA_LONG, at + CaseLayout.RIP, GuestMap.instruction(slot) + encoded.bytes().length);
  }

  private int add(Encoded encoded, int flags) {
    Place target = encoded.places().getFirst();
    int bits = 8 * target.bytes();
    long mask = -1L >>> (64 - bits);
    long a = read(target) & mask;
    long b = operand(encoded) & mask;
    boolean adc = encoded.instruction().form().mnemonic().equals("adc");
    int in = adc && bug != Bug.CARRY_IN_IS_NOT_COUNTED ? flags & CF : 0;
    long result = a + b + in & mask;
    write(target, result);
    boolean carry = Long.compareUnsigned(result, a) < 0 || (in != 0 && result == a);
    if (bug == Bug.CARRY_OUT_MISSES_THE_CARRY_IN) {
      carry = Long.compareUnsigned(result, a) < 0;
    }
    boolean overflow = ((a ^ result) & (b ^ result)) >>> (bits - 1) != 0;
    overflow =
        bug == Bug.OVERFLOW_COMPARES_WITH_CARRY ? carry ^ (result >>> (bits - 1) != 0) : overflow;
    long adjust = bug == Bug.ADJUST_FROM_THE_RESULT_ALONE ? result : a ^ b ^ result;
    return (flags & ~STATUS)
        | (carry ? CF : 0)
        | (overflow ? OF : 0)
        | ((int) adjust & AF)
        | szp(result, bits);
  }

  private int shl(Encoded encoded, int flags) {
    Place target = encoded.places().getFirst();
    int bits = 8 * target.bytes();
    long mask = -1L >>> (64 - bits);
    int raw = (int) operand(encoded) & 0xFF;
    int count = bug == Bug.COUNT_IS_NOT_MASKED ? raw : raw & (bits == 64 ? 63 : 31);
    long a = read(target) & mask;
    write(target, count > 63 ? 0 : a << count & mask);
    if (count == 0 && bug != Bug.ZERO_COUNT_CHANGES_FLAGS) {
      return flags;
    }
    long result = count > 63 ? 0 : a << count & mask;
    int out = bug == Bug.SHIFTED_OUT_BIT_IS_THE_NEXT ? bits - count - 1 : bits - count;
    boolean carry = out >= 0 && out < 64 && (a >>> out & 1) != 0;
    boolean overflow = carry ^ result >>> (bits - 1) != 0;
    return (flags & ~STATUS) | (carry ? CF : 0) | (overflow ? OF : 0) | szp(result, bits);
  }

  private int szp(long result, int bits) {
    int parity = Long.bitCount(bug == Bug.PARITY_OF_ALL_BITS ? result : result & 0xFF) & 1;
    int signBit = bug == Bug.SIGN_OF_32_BITS ? Math.min(31, bits - 1) : bits - 1;
    return (result == 0 ? ZF : 0)
        | ((result >>> signBit & 1) != 0 ? SF : 0)
        | (parity == 0 ? PF : 0);
  }

  private long operand(Encoded encoded) {
    Instruction i = encoded.instruction();
    boolean one = i.form().operands().get(1).kind() == Kind.ONE;
    Place source = encoded.places().get(1);
    return source.file() == Place.File.IMMEDIATE ? one ? 1 : i.immediate() : read(source);
  }

  private long read(Place place) {
    boolean high = place.file() == Place.File.HIGH_BYTE && bug != Bug.HIGH_BYTES_ARE_LOW_ONES;
    long value = results.get(JAVA_LONG, to + 8L * place.register());
    return high ? value >>> 8 : value;
  }

  private void write(Place place, long value) {
    long at = to + 8L * place.register();
    long old = results.get(JAVA_LONG, at);
    boolean high = place.file() == Place.File.HIGH_BYTE && bug != Bug.HIGH_BYTES_ARE_LOW_ONES;
    long updated =
        switch (place.bytes()) {
          case 8 -> value;
          case 4 -> bug == Bug.UPPER_HALF_IS_KEPT ? (old & ~0xFFFF_FFFFL) | value : value;
          case 2 -> (old & ~0xFFFFL) | value;
          default -> high ? (old & ~0xFF00L) | value << 8 : (old & ~0xFFL) | value;
        };
    results.set(JAVA_LONG, at, updated);
  }
}
