package dev.javisor.linux.thread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class ThreadSignalTest {
  private static final long BIT = 1L << 41; // signal 42

  @FunctionalInterface
  private interface Body {
    void run(ThreadSignal signal, Arena arena) throws Exception;
  }

  /// On a thread of its own, whose mask ends with it.
  private static void onFreshThread(Body body) throws ExecutionException, InterruptedException {
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      thread
          .submit(
              () -> {
                try (Arena arena = Arena.ofConfined()) {
                  body.run(ThreadSignal.ofThisThread(arena), arena);
                }
                return null;
              })
          .get();
    }
  }

  private static long blocked() throws IOException {
    return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
        .filter(line -> line.startsWith("SigBlk:"))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aSentSignalWaitsUntilItIsEatenOnce() throws Exception {
    onFreshThread(
        (signal, _) -> {
          assertFalse(signal.eat());
          signal.send();
          assertTrue(signal.eat());
          assertFalse(signal.eat());
        });
  }

  @Test
  void onlyTheOneSignalIsBlockedAndOnlyThatOneIsLetIn() throws Exception {
    long before = blocked();
    onFreshThread(
        (signal, _) -> {
          assertTrue((blocked() & BIT) != 0, "blocked in the thread");
          assertEquals(0, signal.maskInsideCall() & BIT, "let in inside the call");
          assertEquals(blocked() & ~BIT, signal.maskInsideCall(), "and nothing else changed");
        });
    assertEquals(before, blocked(), "other threads are as they were");
  }

  @Test
  void aSecondOneOnTheSameThreadLetsTheSignalInToo() throws Exception {
    onFreshThread(
        (_, arena) -> assertEquals(0, ThreadSignal.ofThisThread(arena).maskInsideCall() & BIT));
  }
}
