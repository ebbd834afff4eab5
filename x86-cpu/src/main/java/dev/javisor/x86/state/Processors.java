package dev.javisor.x86.state;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The processors that share a memory, and what they must agree on. Any thread.
public final class Processors {
  private static final long TURN_NANOS = 20_000;

  private final List<Cpu> all = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable Cpu> alone = new AtomicReference<>();
  private int joined;

  /// One more, before it runs.
  public void join(Cpu cpu) {
    take(cpu);
    try {
      cpu.join(this, joined++);
      all.add(cpu);
    } finally {
      alone.set(null);
    }
  }

  /// One less, which no longer runs.
  public void leave(Cpu cpu) {
    take(cpu);
    all.remove(cpu);
    alone.set(null);
  }

  /// Has those that `whom` names do `work`, each on its own thread or while it does not run, and
  /// returns when all have: what they did before has then happened.
  ///
  /// @param self the processor whose thread calls, or null
  public void tell(@Nullable Cpu self, Predicate<Cpu> whom, Consumer<Cpu> work) {
    List<Mailbox.Letter> letters = new ArrayList<>();
    for (Cpu cpu : all) {
      if (whom.test(cpu)) {
        letters.add(cpu.mailbox().post(work));
      }
    }
    letters.forEach(letter -> Mailbox.await(letter, self));
  }

  /// Has all that other threads run look around.
  public void kickOthers() {
    for (Cpu cpu : all) {
      cpu.mailbox().kickElsewhere();
    }
  }

  /// Does `step` while no other processor runs: one at a time, and each of the others between two
  /// instructions.
  ///
  /// @param self the processor whose thread calls, within an instruction that has done nothing yet:
  ///     what it knew of its TLB may have gone when `step` runs
  public boolean alone(Cpu self, BooleanSupplier step) {
    take(self);
    try {
      hold(self);
      return step.getAsBoolean();
    } finally {
      for (Cpu cpu : all) {
        cpu.mailbox().release();
      }
      alone.set(null);
    }
  }

  private void hold(Cpu self) {
    List<Mailbox.Letter> letters = new ArrayList<>();
    for (Cpu cpu : all) {
      if (cpu != self) {
        letters.add(cpu.mailbox().hold());
      }
    }
    letters.forEach(letter -> Mailbox.await(letter, self));
  }

  private void take(Cpu self) {
    while (!alone.compareAndSet(null, self)) {
      self.mailbox().look();
      LockSupport.parkNanos(this, TURN_NANOS);
    }
  }
}
