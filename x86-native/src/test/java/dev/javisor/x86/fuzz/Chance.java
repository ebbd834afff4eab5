package dev.javisor.x86.fuzz;

import java.util.SplittableRandom;

/// A run's random choices, all of one seed.
final class Chance {
  private final SplittableRandom random;

  Chance(long seed) {
    random = new SplittableRandom(seed);
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  long bits() {
    return random.nextLong();
  }

  /// Of any magnitude.
  long number() {
    return random.nextLong() >> random.nextInt(64);
  }

  long of(long... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /// Where something is, or could be, or nothing can be.
  long address() {
    long near = random.nextInt(64) - 32L;
    return switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> Layout.DATA + random.nextInt(Layout.RAM_BYTES - Layout.DATA);
      case 4 -> Layout.STACK + near;
      case 5, 6 -> Layout.CODE + random.nextInt(Layout.CODE_BYTES);
      case 7 -> random.nextInt(Layout.STACK); // the tables
      case 8 -> (random.nextInt(Layout.RAM_BYTES) & -4096) + near;
      case 9 -> Layout.RAM_BYTES + near;
      case 10 -> Layout.NOWHERE + random.nextInt(0x200);
      case 11 -> Layout.LOCAL_APIC + random.nextInt(0x400);
      case 12 -> Layout.IO_APIC + random.nextInt(0x20);
      case 13 -> (1L << 47) + near;
      case 14 -> random.nextInt(4) == 0 ? (1L << 32) + near : Layout.ROM + random.nextInt(4096);
      default -> number();
    };
  }
}
