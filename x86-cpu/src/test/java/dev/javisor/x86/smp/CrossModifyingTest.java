package dev.javisor.x86.smp;

import static dev.javisor.testkit.asm.Register.R12;
import static dev.javisor.testkit.asm.Register.R8;
import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RSI;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/// Two processors run a page of code and change it under each other (SDM 3A, 9.1.3);
/// `-Djavisor.x86.times=100` has them do it 10^7 times.
class CrossModifyingTest extends CrewTest {
  private static final int ROUNDS = 100_000;
  private static final int TIMES = Integer.getInteger("javisor.x86.times", 1);
  private static final int INTERRUPTS = 500;
  private static final int LINE = 0x40;
  private static final int BEGIN = 0;
  private static final int END = 0x100;
  private static final int PATCHED = 0x4_0000 + 0x1_0000;
  private static final int BETWEEN = 0x10;
  private static final int IMMEDIATE = 4;
  private static final int FRESH = 0x6_0000;
  private static final int PAGE = 0x1000;

  /// `mov eax, imm32; ret`, the number aligned.
  private static final byte[] FUNCTION = {
    (byte) 0x90, (byte) 0x90, (byte) 0x90, (byte) 0xB8, 0, 0, 0, 0, (byte) 0xC3
  };

  private static LongMode call(LongMode code, int address) {
    return code.mov(RSI, address).bytes(0xFF, 0xD6); // call rsi
  }

  /// Each changes a function of its own, runs it, waits for the other, serialises, and runs that
  /// one's.
  private static LongMode patching(int me) {
    int mine = me * LINE;
    int other = LINE - mine;
    int myFunction = PATCHED + me * BETWEEN;
    int itsFunction = PATCHED + BETWEEN - me * BETWEEN;
    return Phrases.rounds(
        Crew.code(me),
        ROUNDS,
        code -> {
          code.store(4, RBX, myFunction + IMMEDIATE - Crew.DATA, R8);
          Phrases.expectRound(call(code, myFunction), "own");
          code.store(8, RBX, BEGIN + mine, R8);
          Phrases.await(code, "begin", BEGIN + other);
          code.bytes(0x0F, 0xA2).mov(RBX, Crew.DATA); // cpuid
          Phrases.expectRound(call(code, itsFunction), "other");
          code.store(8, RBX, END + mine, R8);
          Phrases.await(code, "end", END + other);
        });
  }

  @Test
  void nothingStaleRunsBehindASerialisingInstruction()
      throws ExecutionException, InterruptedException {
    for (int i = 0; i < TIMES; i++) {
      try (Crew crew = crew(patching(0), patching(1))) {
        crew.guest().put(PATCHED, FUNCTION);
        crew.guest().put(PATCHED + BETWEEN, FUNCTION);
        assertArrayEquals(new long[] {0, 0}, crew.run());
      }
    }
  }

  /// The second runs the function all the time; an interrupt tells it that the function has
  /// changed.
  @Test
  void nothingStaleRunsBehindAnInterrupt() throws ExecutionException, InterruptedException {
    LongMode sender =
        Phrases.rounds(
            Crew.code(0),
            INTERRUPTS,
            code -> {
              code.store(4, RBX, PATCHED + IMMEDIATE - Crew.DATA, R8);
              Ipis.send(code);
            });
    LongMode receiver = Ipis.receiver(Crew.code(1), code -> call(code, PATCHED), code -> {});
    try (Crew crew = crew(sender, receiver)) {
      crew.guest().put(PATCHED, FUNCTION);
      crew.guest().gate(Ipis.VECTOR, receiver.addressOf("handler"));
      assertEquals(0, crew.run()[1]);
    }
  }

  /// Each writes code into pages that had none and runs it, the other in the same pages: both wait
  /// for each other's rights.
  @Test
  void bothOpenPagesAtOnce() throws ExecutionException, InterruptedException {
    try (Crew crew = crew(opening(0), opening(1))) {
      assertArrayEquals(new long[] {0, 0}, crew.run());
    }
  }

  private static LongMode opening(int me) {
    LongMode code = Crew.code(me).mov(RBX, Crew.DATA).mov(R12, 0);
    for (int page = 0; page < 24; page++) {
      int function = FRESH + page * PAGE + me * 0x100;
      long number = 1000L * me + page;
      code.mov(R8, number << 8 | 0xB8).store(8, RBX, function - Crew.DATA, R8);
      code.mov(R8, 0xC3).store(1, RBX, function + 5 - Crew.DATA, R8).mov(R8, number);
      Phrases.expectRound(call(code, function), "page" + page);
    }
    return code.mov(RAX, R12).outEax(Crew.PORT);
  }
}
