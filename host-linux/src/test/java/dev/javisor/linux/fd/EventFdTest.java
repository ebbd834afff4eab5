package dev.javisor.linux.fd;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class EventFdTest {
  @Test
  void aSignalIsKeptUntilItIsTakenOnce() {
    try (EventFd event = EventFd.create("test")) {
      assertFalse(event.take());
      event.signal();
      event.signal();
      assertTrue(event.take());
      assertFalse(event.take());
    }
  }

  @Test
  void awaitEndsAtItsTime() {
    try (EventFd event = EventFd.create("test")) {
      long start = System.nanoTime();
      assertFalse(event.await(20_000_000));
      assertTrue(System.nanoTime() - start >= 20_000_000, "not before");
      assertFalse(event.await(0));
    }
  }

  @Test
  void awaitForEverEndsWithASignalOfAnotherThread() throws InterruptedException {
    try (EventFd event = EventFd.create("test")) {
      for (int i = 0; i < 100; i++) {
        Thread other = Thread.ofPlatform().start(event::signal);
        assertTrue(event.await(-1));
        other.join();
      }
    }
  }

  @Test
  void aClosedOneIsNobodyElsesDescriptor() {
    EventFd event = EventFd.create("test");
    event.close();
    event.close();
    try (EventFd next = EventFd.create("takes the number")) {
      assertThrows(IllegalStateException.class, event::signal);
      assertFalse(next.take(), "the wrong one rang");
    }
  }
}
