package dev.javisor.x86.fuzz;

import dev.javisor.vmm.hypervisor.VmExit;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// What became of the runs. Any thread.
final class Counts {
  final LongAdder runs = new LongAdder();
  final LongAdder instructions = new LongAdder();
  final LongAdder reports = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder completed = new LongAdder();
  private final Map<String, LongAdder> exits = new ConcurrentHashMap<>();

  void note(VmExit exit) {
    exits.computeIfAbsent(exit.getClass().getSimpleName(), _ -> new LongAdder()).increment();
  }

  long of(Class<? extends VmExit> kind) {
    LongAdder count = exits.get(kind.getSimpleName());
    return count == null ? 0 : count.sum();
  }

  @Override
  public String toString() {
    return "%,d runs, %,d instructions, %,d states refused, exits %s"
        .formatted(runs.sum(), instructions.sum(), refused.sum(), new TreeMap<>(exits));
  }
}
