package dev.javisor.x86.chip;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.fake.ManualTime;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A machine of chips alone, its time standing still. The TSC counts three a nanosecond.
final class Chips {
  static final int TSC_PER_NANO = 3;
  private static final int SERVED_MAX = 1000;
  static final int ENABLED = 0x1FF; // SVR, spurious vector 0xFF

  final ManualTime time = new ManualTime(Instant.EPOCH);
  final Timers timers = new Timers(time);
  final ApicBus bus = new ApicBus();
  final List<LocalApic> apics = new ArrayList<>();
  final AtomicInteger wakes = new AtomicInteger();

  static final TscClock TSC =
      new TscClock() {
        @Override
        public long tscOfNanos(long nanos) {
          return nanos * TSC_PER_NANO;
        }

        @Override
        public long nanosOfTsc(long tsc) {
          return Math.ceilDiv(tsc, TSC_PER_NANO);
        }
      };

  /// @param count local APICs, as after reset
  Chips(int count) {
    for (int id = 0; id < count; id++) {
      apics.add(new LocalApic(id, 40, bus, timers, TSC, wakes::incrementAndGet));
    }
  }

  /// All of them enabled by software.
  static Chips enabled(int count) {
    Chips chips = new Chips(count);
    chips.apics.forEach(apic -> write(apic, ApicRegisters.SVR, ENABLED));
    return chips;
  }

  /// All of them in x2APIC mode and enabled.
  static Chips x2apic(int count) {
    Chips chips = enabled(count);
    chips.apics.forEach(apic -> assertTrue(apic.base(apic.base() | ApicMode.EXTENDED)));
    return chips;
  }

  LocalApic apic() {
    return apics.getFirst();
  }

  static void write(LocalApic apic, int register, int value) {
    apic.page().write(register, 4, Integer.toUnsignedLong(value));
  }

  static int read(LocalApic apic, int register) {
    return (int) apic.page().read(register, 4);
  }

  static void request(LocalApic apic, int vector) {
    assertTrue(apic.accept(Delivery.FIXED, vector, false));
  }

  /// Lets time pass in one go, as when the sleeper comes late.
  void pass(long nanos) {
    time.advance(nanos);
    timers.runUntil(time.nanoTime());
  }

  /// Lets time pass from deadline to deadline, as virtual time does.
  void passExactly(long nanos) {
    long end = time.nanoTime() + nanos;
    while (timers.nextDeadline() <= end) {
      pass(timers.nextDeadline() - time.nanoTime());
    }
    pass(end - time.nanoTime());
  }

  /// Acknowledges and ends every vector that comes; how many that were.
  static int serve(LocalApic apic) {
    int served = 0;
    while (served < SERVED_MAX && apic.acknowledge() >= 0) {
      apic.endOfInterrupt();
      served++;
    }
    return served;
  }

  static Pic pic(LocalApic bootProcessor) {
    Pic pic = new Pic();
    pic.connect(bootProcessor);
    return pic;
  }

  static byte[] saved(Stateful chip) {
    StateWriter out = new StateWriter();
    chip.save(out);
    return out.toByteArray();
  }

  static void load(Stateful chip, byte[] saved) {
    chip.load(new StateReader(saved));
  }
}
