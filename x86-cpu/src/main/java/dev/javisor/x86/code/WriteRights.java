package dev.javisor.x86.code;

import dev.javisor.x86.state.Cpu;
import java.util.concurrent.atomic.AtomicLongArray;

/// Whose TLB may have the right to write to a page of RAM: most pages that code is decoded from
/// were written by one processor or by none, and only those that wrote need be asked to give it up.
/// Any thread.
final class WriteRights {
  private final AtomicLongArray holders;

  WriteRights(int pages) {
    holders = new AtomicLongArray(pages);
  }

  /// 64 processors have bits of their own; of more, some are asked in vain.
  private static long bit(Cpu cpu) {
    return 1L << (cpu.number() & 63);
  }

  /// That `cpu` is about to have the right; what is read afterwards is read after all see it.
  void note(Cpu cpu, int page) {
    long old = holders.get(page);
    while ((old & bit(cpu)) == 0 && !holders.compareAndSet(page, old, old | bit(cpu))) {
      old = holders.get(page);
    }
  }

  boolean mayHave(Cpu cpu, int page) {
    return (holders.get(page) & bit(cpu)) != 0;
  }
}
