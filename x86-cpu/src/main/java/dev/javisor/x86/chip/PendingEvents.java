package dev.javisor.x86.chip;

import java.util.concurrent.atomic.AtomicInteger;

/// What a processor is asked for beside vectors: each at most once until it is taken. Any thread
/// asks, the vCPU's takes.
final class PendingEvents {
  static final int NMI = 1;
  static final int INIT = 1 << 1;
  static final int STARTUP = 1 << 2;
  static final int EXTINT = 1 << 3;

  private static final int STARTUP_VECTOR_SHIFT = 8;
  private static final int STARTUP_VECTOR = 0xFF << STARTUP_VECTOR_SHIFT;

  private final AtomicInteger pending = new AtomicInteger();

  void post(int event) {
    pending.getAndUpdate(now -> now | event);
  }

  /// An INIT makes an older STARTUP meaningless.
  void postInit() {
    pending.getAndUpdate(now -> (now & ~STARTUP) | INIT);
  }

  void postStartup(int vector) {
    int shifted = (vector << STARTUP_VECTOR_SHIFT) & STARTUP_VECTOR;
    pending.getAndUpdate(now -> (now & ~STARTUP_VECTOR) | STARTUP | shifted);
  }

  boolean any() {
    return (pending.get() & ~STARTUP_VECTOR) != 0;
  }

  boolean has(int event) {
    return (pending.get() & event) != 0;
  }

  boolean take(int event) {
    return (pending.getAndUpdate(now -> now & ~event) & event) != 0;
  }

  /// The vector, or -1.
  int takeStartup() {
    int before = pending.getAndUpdate(now -> now & ~STARTUP);
    return (before & STARTUP) != 0 ? (before & STARTUP_VECTOR) >>> STARTUP_VECTOR_SHIFT : -1;
  }
}
