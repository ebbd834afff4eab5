package dev.javisor.x86.zydis;

import dev.javisor.x86.decode.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// All encodings of one mode: prefixes, REX, opcode map, opcode and ModRM crossed, random bytes
/// behind them. A sample takes one of `stride` at random, evenly over all of it.
final class EncodingSweep {
  private static final int[] PREFIXES = {
    0x66, 0x67, 0xF0, 0xF2, 0xF3, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65
  };

  /// What stands before ModRM's opcode, map by map.
  private static final byte[][] MAPS = {{}, {0x0F}, {0x0F, 0x38}, {0x0F, 0x3A}};

  private static final int TRUNCATED_ONE_IN = 64;
  private static final int NO_REX = 0x3F;
  private static final int BYTES = 24;

  private final Mode mode;
  private final Comparison comparison;
  private final int stride;
  private final SplittableRandom random;
  private final byte[] bytes = new byte[BYTES];
  private long skip;

  EncodingSweep(Mode mode, Comparison comparison, int stride, long seed) {
    this.mode = mode;
    this.comparison = comparison;
    this.stride = stride;
    this.random = new SplittableRandom(seed);
    this.skip = random.nextInt(stride);
  }

  /// None, each alone, each pair in both orders, and a legacy prefix behind a REX.
  private List<byte[]> prefixSets() {
    List<byte[]> sets = new ArrayList<>();
    sets.add(new byte[0]);
    for (int first : PREFIXES) {
      sets.add(new byte[] {(byte) first});
      for (int second : PREFIXES) {
        sets.add(new byte[] {(byte) first, (byte) second});
      }
    }
    sets.add(new byte[] {0x48, 0x66});
    sets.add(new byte[] {0x4F, (byte) 0xF3});
    return sets;
  }

  void run() {
    for (byte[] prefixes : prefixSets()) {
      System.arraycopy(prefixes, 0, bytes, 0, prefixes.length);
      for (int rex = NO_REX; rex <= (mode.isLong() ? 0x4F : NO_REX); rex++) {
        int at = prefixes.length;
        if (rex != NO_REX) {
          bytes[at++] = (byte) rex;
        }
        maps(at);
      }
    }
  }

  private void maps(int at) {
    for (byte[] map : MAPS) {
      System.arraycopy(map, 0, bytes, at, map.length);
      opcodes(at + map.length);
    }
  }

  /// Opcode and ModRM as one number; what a sample leaves out costs nothing.
  private void opcodes(int at) {
    long next = skip;
    for (; next < 1 << 16; next += 1 + (stride == 1 ? 0 : random.nextInt(2 * stride - 1))) {
      bytes[at] = (byte) (next >> 8);
      bytes[at + 1] = (byte) next;
      fill(at + 2);
      one();
    }
    skip = next - (1 << 16);
  }

  private void fill(int from) {
    long eight = 0;
    for (int i = from; i < BYTES; i++) {
      eight = (i - from) % 8 == 0 ? random.nextLong() : eight >>> 8;
      bytes[i] = (byte) eight;
    }
  }

  private void one() {
    long before = comparison.instructions();
    int length = comparison.compare(bytes, 0, BYTES);
    boolean instruction = comparison.instructions() > before;
    if (instruction && random.nextInt(TRUNCATED_ONE_IN) == 0) {
      comparison.compareTruncated(bytes, length);
      comparison.compareLongest(bytes, length, mode.isLong() ? 0x2E : 0x3E);
    }
  }
}
