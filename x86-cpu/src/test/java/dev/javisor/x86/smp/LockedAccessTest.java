package dev.javisor.x86.smp;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RDX;
import static dev.javisor.testkit.asm.Register.RSI;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Locked accesses of several processors to the same bytes lose nothing (SDM 3A, 9.1.2), wherever
/// these lie.
class LockedAccessTest extends CrewTest {
  private static final int ROUNDS = 300_000;
  private static final int SPLIT_ROUNDS = 300;
  private static final int PART_ROUNDS = 1_000;
  private static final int PAGE = 0x1000;
  private static final int[] SIZES = {1, 2, 4, 8};

  /// Adds 1 to `size` bytes at RBX and a displacement.
  private interface Adder {
    LongMode add(LongMode code, int size, int displacement);
  }

  private enum Kind implements Adder {
    INC(Phrases::lockInc),
    XADD(Phrases::lockXadd),
    CMPXCHG(Phrases::lockCmpxchg);

    private final Adder adder;

    Kind(Adder adder) {
      this.adder = adder;
    }

    @Override
    public LongMode add(LongMode code, int size, int displacement) {
      return adder.add(code, size, displacement);
    }
  }

  /// All `places` get 1 from each of `count` vCPUs in each round; what they hold in the end.
  private void allAdd(Kind kind, int count, int rounds, int size, int... places)
      throws ExecutionException, InterruptedException {
    LongMode[] codes =
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    Phrases.rounds(
                        Crew.code(i),
                        rounds,
                        code -> {
                          for (int place : places) {
                            kind.add(code, size, place);
                          }
                        }))
            .toArray(LongMode[]::new);
    try (Crew crew = crew(codes)) {
      crew.run();
      for (int place : places) {
        String what = kind + " of " + size + " bytes at " + Integer.toHexString(place);
        int shift = 64 - 8 * size;
        long held = crew.word(Crew.DATA + place) << shift >>> shift;
        assertEquals((long) count * rounds << shift >>> shift, held, what);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoAddToTheSameWord(Kind kind) throws ExecutionException, InterruptedException {
    for (int size : SIZES) {
      int within = 8 - size; // its upper part, and its lower as the neighbour
      allAdd(kind, 2, ROUNDS, size, size == 8 ? new int[] {0} : new int[] {0, within});
    }
  }

  @ParameterizedTest
  @EnumSource
  void fourAddToTheSameWord(Kind kind) throws ExecutionException, InterruptedException {
    allAdd(kind, 4, ROUNDS, 8, 0);
  }

  @ParameterizedTest
  @EnumSource
  void splitLocksLoseNothing(Kind kind) throws ExecutionException, InterruptedException {
    for (int size : new int[] {2, 4, 8}) {
      allAdd(kind, 2, SPLIT_ROUNDS, size, 8 - size / 2, PAGE - size / 2);
    }
  }

  /// One adds to 8 bytes across two words, the other to the 4 of them that are in the first: within
  /// a word, which no lock of ours would stop.
  @Test
  void aSplitLockIsAtomicAgainstALockedAccessOfAPart()
      throws ExecutionException, InterruptedException {
    LongMode split =
        Phrases.rounds(
            Crew.code(0), PART_ROUNDS, c -> Phrases.lockInc(Phrases.afterProgress(c), 8, 4));
    LongMode part = Phrases.untilDone(Crew.code(1), code -> Phrases.lockInc(code, 4, 4));
    try (Crew crew = crew(split, part)) {
      long times = crew.run()[1];
      assertEquals(PART_ROUNDS + times, crew.word(Crew.DATA + 4));
    }
  }

  /// Adds 1 to both halves of the 16 bytes at RBX.
  private static LongMode pair(LongMode code) {
    return code.mov(RSI, Crew.DATA)
        .label("pair")
        .load(8, RAX, RSI, 0)
        .load(8, RDX, RSI, 8)
        .mov(RBX, RAX)
        .inc(RBX)
        .mov(RCX, RDX)
        .inc(RCX)
        .bytes(0xF0, 0x48, 0x0F, 0xC7, 0x0E) // lock cmpxchg16b [rsi]
        .jnz("pair")
        .mov(RBX, Crew.DATA);
  }

  @Test
  void pairsAreAtomicAgainstLockedAccessesOfTheirHalves()
      throws ExecutionException, InterruptedException {
    LongMode both = Phrases.rounds(Crew.code(0), PART_ROUNDS, c -> pair(Phrases.afterProgress(c)));
    LongMode halves =
        Phrases.untilDone(Crew.code(1), c -> Phrases.lockXadd(Phrases.lockInc(c, 8, 0), 8, 8));
    try (Crew crew = crew(both, halves)) {
      long times = crew.run()[1];
      assertEquals(PART_ROUNDS + times, crew.word(Crew.DATA));
      assertEquals(PART_ROUNDS + times, crew.word(Crew.DATA + 8));
    }
  }

  /// Code and a counter in one page: the counter's right to be written to without asking is gone.
  @Test
  void countersBesideCodeLoseNothing() throws ExecutionException, InterruptedException {
    int beside = Crew.code(0).origin() + 0x800 - Crew.DATA;
    LongMode first = Phrases.rounds(Crew.code(0), ROUNDS, c -> Phrases.lockInc(c, 4, beside));
    LongMode second = Phrases.rounds(Crew.code(1), ROUNDS, c -> Phrases.lockXadd(c, 4, beside));
    try (Crew crew = crew(first, second)) {
      crew.run();
      assertEquals(2 * ROUNDS, (int) crew.word(Crew.DATA + beside));
    }
  }
}
