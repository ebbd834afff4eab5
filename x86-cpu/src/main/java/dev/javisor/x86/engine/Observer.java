package dev.javisor.x86.engine;

import dev.javisor.x86.event.ExceptionEvent;
import dev.javisor.x86.event.TlbFlushEvent;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.state.Witness;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// What one vCPU tells of its life: to a trace, to Flight Recorder, to the log, and, when it has
/// come to a bad end, to a report. Its thread.
final class Observer implements Witness {
  private static final String[] NAMES = {
    "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "", "#TS", "#NP", "#SS", "#GP",
    "#PF", "", "#MF", "#AC", "#MC", "#XM"
  };

  private static final int LAST = 16;

  /// A guest can ask for 2^32 registers, and run into what is no instruction anywhere.
  private static final int LOGGED_MAX = 64;

  private final int index;
  private final CodeView code;
  private final CpuTrace trace;
  private final Consumer<String> log;
  private final long[] places = new long[LAST];
  private final long[] details = new long[LAST];
  private final Set<Long> logged = new HashSet<>();
  private long exceptions;
  private long instruction;
  private long shown = -1;
  private long shownAt;

  Observer(int index, CodeView code, CpuTrace trace, Consumer<String> log) {
    this.index = index;
    this.code = code;
    this.trace = trace;
    this.log = log;
  }

  // ---------------------------------------------------------------- trace

  /// Whether instruction `number` is traced, which is then to run alone.
  boolean traces(long number) {
    instruction = number;
    return trace.has(number);
  }

  /// Instruction `number` is about to run. A repetition is one.
  void about(Cpu cpu, long number) {
    long rip = cpu.get(Slots.RIP);
    if (number != shown || rip != shownAt) {
      shown = number;
      shownAt = rip;
      say("%016x  %s".formatted(rip, code.instruction()));
    }
  }

  private void say(String what) {
    trace.out().accept("%d %d %s".formatted(index, instruction, what));
  }

  private boolean isTracing() {
    return trace.has(instruction);
  }

  // ---------------------------------------------------------------- what happens

  @Override
  public void exception(Cpu cpu, int vector, int errorCode) {
    long rip = cpu.get(Slots.RIP);
    int at = (int) exceptions++ & LAST - 1;
    places[at] = rip;
    details[at] = (long) vector << 32 | errorCode & 0xFFFF_FFFFL;
    ExceptionEvent.note(index, vector, errorCode, rip);
    if (isTracing()) {
      say("%016x  exception %s".formatted(rip, named(vector, errorCode)));
    }
    if (vector == CpuFault.UD && cpu.cpl() == 0 && logged.size() < LOGGED_MAX) {
      undefined(cpu, rip);
    }
  }

  /// Something that we lack, or a kernel that has gone astray.
  private void undefined(Cpu cpu, long rip) {
    if (code.isNonsense() && logged.add(rip)) {
      log.accept(
          "vCPU %d: no instruction at %016x: %s, mode key %x"
              .formatted(index, rip, code.hex(), cpu.get(Slots.KEY)));
    }
  }

  private static String named(int vector, int errorCode) {
    String name = vector < NAMES.length ? NAMES[vector] : "";
    String number = name.isEmpty() ? Integer.toString(vector) : name;
    return CpuFault.hasErrorCode(vector) ? "%s(%x)".formatted(number, errorCode) : number;
  }

  @Override
  public void interrupt(Cpu cpu, int vector) {
    if (isTracing()) {
      say("%016x  interrupt %02x".formatted(cpu.get(Slots.RIP), vector));
    }
  }

  @Override
  public void msrRead(Cpu cpu, int number, long value) {
    if (isTracing()) {
      say("%016x  MSR %x is %x".formatted(cpu.get(Slots.RIP), number, value));
    }
  }

  @Override
  public void msrWritten(Cpu cpu, int number, long value) {
    if (isTracing()) {
      say("%016x  MSR %x becomes %x".formatted(cpu.get(Slots.RIP), number, value));
    }
  }

  /// Once each.
  @Override
  public void msrRefused(Cpu cpu, int number) {
    if (logged.size() < LOGGED_MAX && logged.add(-1L - (number & 0xFFFF_FFFFL))) {
      log.accept(
          "vCPU %d: MSR %x refused, at about %016x".formatted(index, number, cpu.get(Slots.RIP)));
    }
  }

  @Override
  public void flushed(Cpu cpu, boolean global) {
    TlbFlushEvent.note(index, global);
  }

  // ---------------------------------------------------------------- report

  /// The last exceptions, oldest first.
  List<String> lastExceptions() {
    List<String> all = new ArrayList<>();
    for (long i = Math.max(0, exceptions - LAST); i < exceptions; i++) {
      int at = (int) i & LAST - 1;
      all.add(
          "%s at %016x".formatted(named((int) (details[at] >> 32), (int) details[at]), places[at]));
    }
    return all;
  }
}
