package dev.javisor.x86.chip;

import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;

/// One of the 8254's three counters (8254 data sheet, Intel 231164). It holds when it began
/// to count and computes the rest. A count begins with the write that completes it, at once, as in
/// KVM: the data sheet's waits for the next tick, or for a period to end. Guarded by [Pit].
final class PitCounter {
  // modes
  private static final int INTERRUPT_ON_TERMINAL_COUNT = 0;
  private static final int ONE_SHOT = 1;
  private static final int RATE_GENERATOR = 2;
  private static final int SQUARE_WAVE = 3;
  private static final int SOFTWARE_STROBE = 4;
  private static final int HARDWARE_STROBE = 5;

  // which bytes of a count are accessed
  private static final int LOW = 1;
  private static final int HIGH = 2;

  private static final int COUNT_MAX = 0x10000;
  private static final int COUNT_MAX_BCD = 10_000;
  private static final int NULL_COUNT = 0x40;
  private static final int NOTHING = -1;

  /// More than any machine runs; keeps a loaded state's arithmetic within bounds.
  private static final long ELAPSED_NANOS_MAX = 1L << 60;

  private int mode;
  private int access = LOW | HIGH;
  private boolean bcd;
  private boolean loaded;
  private int initial = COUNT_MAX;

  /// Whether the gate lets it count; then from `since` on, else it stands `held` nanoseconds after.
  private boolean running;

  private boolean gate;
  private long since;
  private long held;

  private int lowWritten = NOTHING;
  private boolean highNext;
  private int statusLatch = NOTHING;
  private int countLatch = NOTHING;

  PitCounter(boolean gate) {
    this.gate = gate;
  }

  /// A control word for this counter: not a latch command.
  void control(int word) {
    access = word >>> 4 & 3;
    int code = word >>> 1 & 7;
    mode = code > HARDWARE_STROBE ? code - 4 : code;
    bcd = (word & 1) != 0;
    loaded = false;
    running = false;
    held = 0;
    lowWritten = NOTHING;
    highNext = false;
    statusLatch = NOTHING;
    countLatch = NOTHING;
  }

  /// Takes a byte of a count. Whether the count is complete, and counting starts.
  boolean write(int value, long now) {
    if (access == (LOW | HIGH) && lowWritten == NOTHING) {
      lowWritten = value;
      return false;
    }
    int low = access == HIGH ? 0 : access == LOW ? value : lowWritten;
    int high = access == LOW ? 0 : value;
    lowWritten = NOTHING;
    load(high << 8 | low, now);
    return true;
  }

  private void load(int raw, long now) {
    int count = bcd ? ofBcd(raw) : raw;
    initial = count == 0 ? modulus() : count;
    loaded = true;
    held = 0;
    since = now;
    running = gate && !startsByGate();
  }

  private int modulus() {
    return bcd ? COUNT_MAX_BCD : COUNT_MAX;
  }

  private static int ofBcd(int raw) {
    int count = 0;
    for (int shift = 12; shift >= 0; shift -= 4) {
      count = count * 10 + (raw >>> shift & 0xF);
    }
    return count % COUNT_MAX_BCD;
  }

  private static int toBcd(int count) {
    int raw = 0;
    for (int shift = 0, left = count; shift < 16; shift += 4, left /= 10) {
      raw |= left % 10 << shift;
    }
    return raw;
  }

  private boolean startsByGate() {
    return mode == ONE_SHOT || mode == HARDWARE_STROBE;
  }

  boolean isPeriodic() {
    return mode == RATE_GENERATOR || mode == SQUARE_WAVE;
  }

  boolean gate() {
    return gate;
  }

  /// Modes 0 and 4 stop while it is low, 2 and 3 begin again, 1 and 5 begin when it rises.
  void gate(boolean high, long now) {
    if (gate == high) {
      return;
    }
    gate = high;
    if (!loaded || (!high && startsByGate())) {
      return;
    }
    if (high) {
      boolean goesOn = !startsByGate() && !isPeriodic();
      since = goesOn ? now - held : now;
    } else {
      held = now - since;
    }
    running = high;
  }

  private long elapsedNanos(long now) {
    return running ? now - since : held;
  }

  /// How many ticks it has counted.
  long elapsed(long now) {
    return loaded ? PitClock.ticks(elapsedNanos(now)) : 0;
  }

  /// When it will have counted `ticks`; only while [#isRunning].
  long whenElapsed(long ticks) {
    return since + PitClock.nanos(ticks);
  }

  boolean isRunning() {
    return running;
  }

  int initial() {
    return initial;
  }

  private int count(long now) {
    if (!loaded) {
      return 0;
    }
    long elapsed = elapsed(now);
    long count =
        switch (mode) {
          case RATE_GENERATOR -> initial - elapsed % initial;
          case SQUARE_WAVE -> squareWave(elapsed);
          default -> Math.floorMod(initial - elapsed, modulus());
        };
    return bcd ? toBcd((int) count) : (int) count & 0xFFFF;
  }

  /// Counts down by twos, twice a period.
  private long squareWave(long elapsed) {
    int even = Math.max(2, initial & ~1);
    return even - 2 * elapsed % even;
  }

  /// The output pin.
  boolean out(long now) {
    if (!loaded) {
      return mode != INTERRUPT_ON_TERMINAL_COUNT;
    }
    long elapsed = elapsed(now);
    return switch (mode) {
      case INTERRUPT_ON_TERMINAL_COUNT -> elapsed >= initial;
      case ONE_SHOT -> !running || elapsed >= initial;
      case RATE_GENERATOR -> !gate || elapsed % initial != initial - 1;
      case SQUARE_WAVE -> !gate || elapsed % initial < (initial + 1) / 2;
      case SOFTWARE_STROBE, HARDWARE_STROBE -> elapsed != initial;
      default -> throw new AssertionError(mode);
    };
  }

  /// A second latch before the first was read does nothing.
  void latchCount(long now) {
    if (countLatch == NOTHING) {
      countLatch = count(now);
    }
  }

  void latchStatus(long now) {
    if (statusLatch == NOTHING) {
      statusLatch =
          (out(now) ? 0x80 : 0)
              | (loaded ? 0 : NULL_COUNT)
              | access << 4
              | mode << 1
              | (bcd ? 1 : 0);
    }
  }

  int read(long now) {
    if (statusLatch != NOTHING) {
      int status = statusLatch;
      statusLatch = NOTHING;
      return status;
    }
    int count = countLatch != NOTHING ? countLatch : count(now);
    boolean high = access == HIGH || (access == (LOW | HIGH) && highNext);
    highNext = access == (LOW | HIGH) && !high;
    if (!highNext) {
      countLatch = NOTHING;
    }
    return high ? count >>> 8 : count & 0xFF;
  }

  void save(StateWriter out, long now) {
    out.putByte(mode);
    out.putByte(access);
    out.putBoolean(bcd);
    out.putBoolean(loaded);
    out.putInt(initial);
    out.putBoolean(running);
    out.putBoolean(gate);
    out.putLong(elapsedNanos(now));
    out.putInt(lowWritten);
    out.putBoolean(highNext);
    out.putInt(statusLatch);
    out.putInt(countLatch);
  }

  void load(StateReader in, long now) {
    mode = within(in.getByte(), INTERRUPT_ON_TERMINAL_COUNT, HARDWARE_STROBE);
    access = within(in.getByte(), LOW, LOW | HIGH);
    bcd = in.getBoolean();
    loaded = in.getBoolean();
    initial = within(in.getInt(), 1, COUNT_MAX);
    running = in.getBoolean() && loaded;
    gate = in.getBoolean();
    held = Math.clamp(in.getLong(), 0, ELAPSED_NANOS_MAX);
    since = now - held;
    lowWritten = within(in.getInt(), NOTHING, 0xFF);
    highNext = in.getBoolean();
    statusLatch = within(in.getInt(), NOTHING, 0xFF);
    countLatch = within(in.getInt(), NOTHING, 0xFFFF);
  }

  private static int within(int value, int min, int max) {
    if (value < min || value > max) {
      throw new StateException("i8254: %d where %d..%d can be".formatted(value, min, max));
    }
    return value;
  }
}
