package dev.javisor.x86.state;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How other threads reach what only a processor's own thread may touch, its TLB above all. While
/// that thread is inside - between [#enter] and [#leave] - it does the work itself, when it looks;
/// while nobody is, whoever posts does it in its place and keeps the thread out meanwhile.
///
/// Nobody waits with a lock held, and a processor's thread that waits for another's mailbox serves
/// its own ([#await]): so two that want something of each other both get it.
public final class Mailbox {
  /// How often one looks before one sleeps: a processor that runs answers within a block.
  private static final int SPINS = 500;

  private final Cpu cpu;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Letter> letters = new ArrayList<>();
  private boolean isHeld;
  private volatile @Nullable Thread owner;
  private volatile boolean hasMail;

  Mailbox(Cpu cpu) {
    this.cpu = cpu;
  }

  /// Work that was asked for.
  static final class Letter {
    private final Consumer<Cpu> work;
    private final Thread sender = Thread.currentThread();
    private volatile boolean isDone;

    Letter(Consumer<Cpu> work) {
      this.work = work;
    }

    private void open(Cpu cpu) {
      work.accept(cpu);
      isDone = true;
      LockSupport.unpark(sender);
    }
  }

  // ---------------------------------------------------------------- its own thread

  /// From now on the calling thread has the processor to itself.
  public void enter() {
    lock.lock();
    try {
      while (isHeld) {
        changed.awaitUninterruptibly();
      }
      owner = Thread.currentThread();
    } finally {
      lock.unlock();
    }
  }

  /// From now on others may do what they want done.
  public void leave() {
    lock.lock();
    try {
      serve();
      owner = null;
    } finally {
      lock.unlock();
    }
  }

  /// Does what others have asked for. After [Cpu#clearKick]: what is posted later kicks again.
  public void look() {
    if (hasMail) {
      lock.lock();
      try {
        serve();
      } finally {
        lock.unlock();
      }
    }
  }

  private void serve() {
    do {
      letters.forEach(letter -> letter.open(cpu));
      letters.clear();
      while (isHeld && letters.isEmpty()) {
        changed.awaitUninterruptibly();
      }
    } while (!letters.isEmpty());
    hasMail = false;
  }

  // ---------------------------------------------------------------- any thread

  /// Asks for `work`, which takes no locks and waits for nothing.
  Letter post(Consumer<Cpu> work) {
    Letter letter = new Letter(work);
    lock.lock();
    try {
      deliver(letter);
    } finally {
      lock.unlock();
    }
    return letter;
  }

  private void deliver(Letter letter) {
    Thread inside = owner;
    if (inside == null || inside == Thread.currentThread()) {
      letter.open(cpu);
      return;
    }
    letters.add(letter);
    hasMail = true;
    changed.signalAll();
    cpu.kick();
    LockSupport.unpark(inside);
  }

  /// Has the processor stop, between two instructions, until [#release]; it has when the letter is
  /// done.
  Letter hold() {
    lock.lock();
    try {
      isHeld = true;
      return post(_ -> {});
    } finally {
      lock.unlock();
    }
  }

  void release() {
    lock.lock();
    try {
      isHeld = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Until `letter` is done; `self` serves its own mailbox meanwhile.
  ///
  /// @param self the processor whose thread calls, or null
  static void await(Letter letter, @Nullable Cpu self) {
    for (int spin = 0; !letter.isDone; spin++) {
      if (self != null) {
        self.mailbox().look();
      }
      if (spin < SPINS) {
        Thread.onSpinWait();
      } else if (!letter.isDone) {
        // whoever answers or posts unparks
        LockSupport.park(letter);
      }
    }
  }

  /// Has the processor come out of its blocks if another thread than the caller's runs it.
  void kickElsewhere() {
    Thread inside = owner;
    if (inside != null && inside != Thread.currentThread()) {
      cpu.kick();
    }
  }
}
