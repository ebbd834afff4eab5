package dev.javisor.x86.smp;

import static dev.javisor.testkit.asm.Register.R12;
import static dev.javisor.testkit.asm.Register.R8;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RDX;
import static dev.javisor.testkit.asm.Register.RSI;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.contract.PayloadGuest;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Loads and stores of two processors (SDM 3A, 9.2.2): each stores before it loads what the other
/// stores, or stores in an order that the other must not see turned round.
class MemoryOrderTest {
  private static final int ROUNDS = 20_000;

  /// Each with new threads: on a busy host two that share one of its processors see nothing odd.
  private static final int TRIES = 50;

  private static final int FENCE_TRIES = 5;
  private static final int LINE = 0x40;
  private static final int VALUE = 0x100;
  private static final int END = 0x300;

  /// Lines that both store to before: what waits behind these in a store buffer waits long.
  private static final int BALLAST = 0x800;

  private static final int BALLAST_LINES = 8;
  private static final int[] NOTES = {0x1000, 0x20000};

  /// What drains a processor's stores before its next load.
  private enum Fence {
    MFENCE(0x0F, 0xAE, 0xF0),
    /// `lock or dword [rsp], 0`
    LOCKED(0xF0, 0x83, 0x0C, 0x24, 0x00),
    /// `xchg [rsp], rcx`
    XCHG(0x48, 0x87, 0x0C, 0x24),
    CPUID(0x0F, 0xA2);

    private final int[] bytes;

    Fence(int... bytes) {
      this.bytes = bytes;
    }
  }

  /// Each stores the round's number, loads what the other has stored, and notes whether that was
  /// not yet this round's.
  private static LongMode storeThenLoad(int me, Consumer<LongMode> between) {
    return Phrases.rounds(
        Crew.code(me).mov(RSI, Crew.DATA + NOTES[me] + ROUNDS),
        ROUNDS,
        code -> {
          for (int line = 0; line < BALLAST_LINES; line++) {
            code.store(8, RBX, BALLAST + line * LINE, R8);
          }
          code.store(8, RBX, VALUE + me * LINE, R8);
          between.accept(code);
          code.load(8, RDX, RBX, VALUE + LINE - me * LINE);
          code.bytes(0x4C, 0x39, 0xC2, 0x0F, 0x97, 0xC2); // cmp rdx, r8; seta dl
          code.store(1, RSI, 0, RDX).dec(RSI);
          Phrases.awaitAtMost(code, VALUE + LINE - me * LINE);
        });
  }

  /// The number of rounds in which neither processor saw the other's store.
  private static int neitherSaw(Consumer<LongMode> between)
      throws ExecutionException, InterruptedException {
    try (Crew crew = Crew.of(storeThenLoad(0, between), storeThenLoad(1, between))) {
      PayloadGuest guest = crew.guest();
      for (int me = 0; me < 2; me++) {
        guest.ram().set(JAVA_LONG, Crew.DATA + VALUE + me * LINE, ROUNDS + 1L);
      }
      crew.run();
      int count = 0;
      for (int round = 1; round <= ROUNDS; round++) {
        count +=
            guest.ramByte(Crew.DATA + NOTES[0] + round)
                & guest.ramByte(Crew.DATA + NOTES[1] + round);
      }
      return count;
    }
  }

  @Test
  void loadsOvertakeOnesOwnStores() throws ExecutionException, InterruptedException {
    int relaxed = 0;
    for (int i = 0; i < TRIES && relaxed == 0; i++) {
      relaxed = neitherSaw(code -> {});
    }
    assertTrue(relaxed > 0, "a store buffer shows within " + TRIES + " tries");
  }

  @ParameterizedTest
  @EnumSource
  void noLoadOvertakesAFence(Fence fence) throws ExecutionException, InterruptedException {
    for (int i = 0; i < FENCE_TRIES; i++) {
      assertEquals(0, neitherSaw(code -> code.bytes(fence.bytes).mov(RBX, Crew.DATA)));
    }
  }

  /// The writer's data is never older than its flag.
  @Test
  void messagesArriveBehindTheirData() throws ExecutionException, InterruptedException {
    LongMode writer =
        Phrases.rounds(
            Crew.code(0),
            ROUNDS,
            code -> code.inc(R12).store(8, RBX, VALUE, R12).store(8, RBX, END, R12));
    LongMode reader =
        Phrases.begin(Crew.code(1))
            .mov(R8, ROUNDS)
            .label("again")
            .load(8, RDX, RBX, END)
            .load(8, RCX, RBX, VALUE)
            .bytes(0x48, 0x29, 0xD1) // sub rcx, rdx
            .bytes(0x48, 0xC1, 0xE9, 63) // shr rcx, 63
            .add(R12, RCX)
            .xor(RDX, R8)
            .jnz("again")
            .bytes(0x44, 0x89, 0xE0) // mov eax, r12d
            .outEax(Crew.PORT);
    try (Crew crew = Crew.of(writer, reader)) {
      assertEquals(0, crew.run()[1]);
    }
  }
}
