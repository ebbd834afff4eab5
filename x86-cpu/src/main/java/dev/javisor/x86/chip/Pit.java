package dev.javisor.x86.chip;

import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;

/// The interval timer (8254): counter 0 interrupts, counter 2 hangs at the speaker's port, which
/// gates it and shows its output. vCPU threads program it, whoever runs [Timers] expires it; one
/// lock.
public final class Pit implements Device, Stateful {
  /// 0x40..0x43.
  public static final int PORTS = 4;

  private static final int STATE_VERSION = 1;
  private static final int COUNTERS = 3;
  private static final int SPEAKER = 2;
  private static final int CONTROL = 3;

  private static final int READ_BACK = 3;
  private static final int READ_BACK_NO_COUNT = 0x20;
  private static final int READ_BACK_NO_STATUS = 0x10;

  private static final int SPEAKER_GATE = 0x01;
  private static final int SPEAKER_ON = 0x02;
  private static final int SPEAKER_REFRESH = 0x10;
  private static final int SPEAKER_OUT = 0x20;

  /// DRAM refresh toggles about every 15 µs; here every 2^14 ns, as in KVM.
  private static final int REFRESH_SHIFT = 14;

  private static final long PERIOD_TICKS_MIN = PitClock.ticks(ApicTimer.PERIOD_NANOS_MIN);
  private static final long NOT_ARMED = 0;

  private final Timers timers;
  private final Timers.Timer timer;
  private final InterruptLine irq0;
  private final PitCounter[] counters = new PitCounter[COUNTERS];
  private boolean speakerOn;

  /// After how many ticks counter 0 interrupts next.
  private long nextTicks = NOT_ARMED;

  /// @param irq0 where the output of counter 0 goes
  public Pit(Timers timers, InterruptLine irq0) {
    this.timers = timers;
    this.irq0 = irq0;
    timer = timers.create("pit", this::expire);
    for (int i = 0; i < COUNTERS; i++) {
      counters[i] = new PitCounter(i != SPEAKER); // the other gates are tied high
    }
  }

  @Override
  public synchronized long read(long offset, int size) {
    return offset < COUNTERS && size == 1
        ? counters[(int) offset].read(timers.now())
        : Device.allOnes(size);
  }

  @Override
  public void write(long offset, int size, long value) {
    if (size == 1) {
      expire(timers.now()); // what is due comes first, even if nobody ran it yet
      writeByte(offset, (int) value & 0xFF);
    }
  }

  private synchronized void writeByte(long offset, int written) {
    if (offset == CONTROL) {
      control(written);
    } else if (counters[(int) offset].write(written, timers.now()) && offset == 0) {
      begin();
    }
  }

  private void control(int word) {
    int number = word >>> 6;
    if (number == READ_BACK) {
      readBack(word);
    } else if ((word & 0x30) == 0) {
      counters[number].latchCount(timers.now());
    } else {
      counters[number].control(word);
      if (number == 0) {
        stop();
      }
    }
  }

  private void readBack(int word) {
    long now = timers.now();
    for (int i = 0; i < COUNTERS; i++) {
      if ((word & 2 << i) != 0) {
        if ((word & READ_BACK_NO_COUNT) == 0) {
          counters[i].latchCount(now);
        }
        if ((word & READ_BACK_NO_STATUS) == 0) {
          counters[i].latchStatus(now);
        }
      }
    }
  }

  private void begin() {
    stop();
    if (counters[0].isRunning()) {
      arm(counters[0].initial());
    }
  }

  private void arm(long ticks) {
    nextTicks = ticks;
    timers.set(timer, counters[0].whenElapsed(ticks));
  }

  private void stop() {
    nextTicks = NOT_ARMED;
    timers.cancel(timer);
  }

  private void expire(long now) {
    if (due(now)) {
      irq0.pulse();
    }
  }

  private synchronized boolean due(long now) {
    PitCounter counter = counters[0];
    if (nextTicks == NOT_ARMED || now < counter.whenElapsed(nextTicks)) {
      return false; // stopped or begun anew meanwhile
    }
    if (counter.isPeriodic()) {
      arm(nextPeriod(counter.elapsed(now), counter.initial()));
    } else {
      nextTicks = NOT_ARMED;
    }
    return true;
  }

  /// On the grid of periods, so that lateness does not add up; missed periods are one interrupt,
  /// and short ones are thinned out as the local APIC's are.
  private long nextPeriod(long elapsed, int period) {
    long missed = (elapsed - nextTicks) / period;
    return nextTicks + period * Math.max(missed + 1, Math.ceilDiv(PERIOD_TICKS_MIN, period));
  }

  /// Port 0x61.
  public Device speaker() {
    return new Device() {
      @Override
      public long read(long offset, int size) {
        return size == 1 ? readSpeaker() : Device.allOnes(size);
      }

      @Override
      public void write(long offset, int size, long value) {
        if (size == 1) {
          writeSpeaker((int) value);
        }
      }
    };
  }

  private synchronized int readSpeaker() {
    long now = timers.now();
    PitCounter counter = counters[SPEAKER];
    return (counter.gate() ? SPEAKER_GATE : 0)
        | (speakerOn ? SPEAKER_ON : 0)
        | ((now >>> REFRESH_SHIFT & 1) != 0 ? SPEAKER_REFRESH : 0)
        | (counter.out(now) ? SPEAKER_OUT : 0);
  }

  private synchronized void writeSpeaker(int value) {
    speakerOn = (value & SPEAKER_ON) != 0;
    counters[SPEAKER].gate((value & SPEAKER_GATE) != 0, timers.now());
  }

  @Override
  public void save(StateWriter out) {
    expire(timers.now()); // so that what is due is in the controllers, which are saved after it
    synchronized (this) {
      out.record("i8254", 0, STATE_VERSION, this::saveFields);
    }
  }

  private void saveFields(StateWriter out) {
    long now = timers.now();
    for (PitCounter counter : counters) {
      counter.save(out, now);
    }
    out.putBoolean(speakerOn);
    out.putLong(nextTicks);
  }

  @Override
  public synchronized void load(StateReader in) {
    StateReader fields = in.record("i8254", 0, STATE_VERSION);
    long now = timers.now();
    for (PitCounter counter : counters) {
      counter.load(fields, now);
    }
    speakerOn = fields.getBoolean();
    stop();
    long next = fields.getLong();
    if (next != NOT_ARMED && counters[0].isRunning()) {
      long elapsed = counters[0].elapsed(now);
      arm(Math.clamp(next, elapsed, elapsed + counters[0].initial() + PERIOD_TICKS_MIN));
    }
  }
}
