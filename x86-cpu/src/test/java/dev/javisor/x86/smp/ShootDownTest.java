package dev.javisor.x86.smp;

import static dev.javisor.testkit.asm.Register.R8;
import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RDX;
import static dev.javisor.testkit.asm.Register.RSI;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.contract.PayloadGuest;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/// A processor changes a translation and has another forget it (SDM 3A, 5.10.5); and the machine
/// itself takes rights away from processors that run.
class ShootDownTest extends CrewTest {
  private static final int ROUNDS = 500;
  private static final int PAGE = 0x1000;

  /// The second GiB's first 2 MiB, in the identity map of payloads.
  private static final long LINEAR = 0x4000_0000L;

  private static final int LEVEL_2 = 0x2_3000;
  private static final int TABLE = 0x6_0000;
  private static final int FIRST_PAGE = 0x6_1000;
  private static final int PRESENT_WRITABLE = 3;

  /// The page at [#LINEAR] is one of two, in turn, with the round's number in it.
  @Test
  void aForgottenTranslationIsNotUsed() throws ExecutionException, InterruptedException {
    LongMode sender =
        Phrases.rounds(
            Crew.code(0),
            ROUNDS,
            code -> {
              code.mov(RDX, R8).bytes(0x83, 0xE2, 1, 0xC1, 0xE2, 12); // and edx, 1; shl edx, 12
              code.mov(RSI, FIRST_PAGE).add(RDX, RSI).store(8, RDX, 0, R8);
              code.mov(RSI, PRESENT_WRITABLE).add(RDX, RSI);
              code.store(8, RBX, TABLE - Crew.DATA, RDX);
              Ipis.send(code);
            });
    LongMode receiver =
        Ipis.receiver(
            Crew.code(1),
            code -> code.mov(RSI, LINEAR).load(8, RAX, RSI, 0),
            ShootDownTest::forget);
    try (Crew crew = crew(sender, receiver)) {
      map(crew.guest());
      crew.guest().gate(Ipis.VECTOR, receiver.addressOf("handler"));
      assertEquals(0, crew.run()[1]);
    }
  }

  private static void forget(LongMode code) {
    code.mov(RSI, LINEAR).bytes(0x0F, 0x01, 0x3E); // invlpg [rsi]
  }

  private static void map(PayloadGuest guest) {
    guest.ram().set(ValueLayout.JAVA_LONG, LEVEL_2, TABLE | PRESENT_WRITABLE);
    guest.ram().set(ValueLayout.JAVA_LONG, TABLE, FIRST_PAGE | PRESENT_WRITABLE);
  }

  /// One writes a number, counting up, to a page; the log of written pages is taken all the time.
  /// What was not there when a log was taken, is in a later one.
  @Test
  void theLogOfWrittenPagesMissesNothing() throws ExecutionException, InterruptedException {
    LongMode writer = Phrases.rounds(Crew.code(0), 2_000_000, code -> code.store(8, RBX, PAGE, R8));
    try (Crew crew = crew(writer)) {
      LogReader reader = new LogReader(crew.guest(), Crew.DATA + PAGE);
      Thread thread = Thread.ofPlatform().start(reader);
      crew.run();
      reader.stop();
      thread.join();
      assertEquals(1, reader.last(), "the last value written, copied when its page was dirty");
      assertTrue(reader.isMonotonic(), "copies go forward");
    }
  }
}
