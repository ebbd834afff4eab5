package dev.javisor.devices.legacy;

import dev.javisor.vmm.backend.TimeSource;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/// The battery-backed clock (MC146818): index port and data port, time in the form that status B
/// asks for, the century where ACPI's FADT says (0x32), the rest plain memory. It shows the
/// machine's wall clock in UTC; what the guest sets is kept as a difference to it. It raises no
/// alarm, periodic or update interrupt. Any vCPU thread.
public final class CmosRtc implements Device, Stateful {
  /// Index and data.
  public static final int PORTS = 2;

  /// Where the century is, for the FADT.
  public static final int CENTURY = 0x32;

  private static final int STATE_VERSION = 1;
  private static final int BYTES = 128;

  private static final int SECONDS = 0x00;
  private static final int MINUTES = 0x02;
  private static final int HOURS = 0x04;
  private static final int WEEKDAY = 0x06;
  private static final int DAY = 0x07;
  private static final int MONTH = 0x08;
  private static final int YEAR = 0x09;
  private static final int STATUS_A = 0x0A;
  private static final int STATUS_B = 0x0B;
  private static final int STATUS_C = 0x0C;
  private static final int STATUS_D = 0x0D;

  private static final int A_UPDATE_IN_PROGRESS = 0x80;
  private static final int A_IDLE = 0x26; // 32,768 Hz time base, 1,024 Hz
  private static final int B_SET = 0x80;
  private static final int B_BINARY = 0x04;
  private static final int B_24_HOURS = 0x02;
  private static final int C_UPDATE_ENDED = 0x10;
  private static final int D_VALID = 0x80;
  private static final int PM = 0x80;

  private static final long NEVER = Long.MIN_VALUE;
  private static final long DAY_SECONDS = 24 * 3600;

  /// 1 January 1970 was a Thursday.
  private static final int EPOCH_WEEKDAY = 4;

  /// Days from 1 March of year 0 to 1 January 1970, and in 400 years.
  private static final long MARCH_OF_YEAR_0 = 719_468;

  private static final long ERA_DAYS = 146_097;
  private static final long SECOND_NANOS = 1_000_000_000L;

  /// From the flag to the update, in which the driver must not read (data sheet: 244 µs).
  private static final long UPDATE_NANOS = 244_000;

  private final TimeSource time;

  /// Memory; of the clock's own bytes only what the guest wrote last, while it holds the clock.
  private final byte[] memory = new byte[BYTES];

  /// The registers of the clock as they were at `shownSeconds`, since a driver reads them one by
  /// one; NEVER when they must be made again.
  private final byte[] shown = new byte[BYTES];

  private long shownSeconds = NEVER;
  private int index;
  private long offsetSeconds;
  private long lastUpdateSeen;

  public CmosRtc(TimeSource time) {
    this.time = time;
    memory[STATUS_A] = A_IDLE;
    memory[STATUS_B] = B_24_HOURS;
    lastUpdateSeen = nowSeconds();
  }

  @Override
  public synchronized long read(long offset, int size) {
    return offset == 1 && size == 1 ? readByte() : Device.allOnes(size);
  }

  @Override
  public synchronized void write(long offset, int size, long value) {
    if (size != 1) {
      return;
    }
    if (offset == 0) {
      index = (int) value & (BYTES - 1); // bit 7 masks NMI, of which there are none
    } else if (offset == 1) {
      writeByte((byte) value);
    }
  }

  private int readByte() {
    return switch (index) {
      case SECONDS, MINUTES, HOURS, WEEKDAY, DAY, MONTH, YEAR, CENTURY ->
          (held() ? memory : shown())[index] & 0xFF;
      case STATUS_A -> memory[STATUS_A] | (updating() ? A_UPDATE_IN_PROGRESS : 0);
      case STATUS_C -> takeFlags();
      case STATUS_D -> D_VALID;
      default -> memory[index] & 0xFF;
    };
  }

  private void writeByte(byte value) {
    switch (index) {
      case SECONDS, MINUTES, HOURS, WEEKDAY, DAY, MONTH, YEAR, CENTURY -> setTime(value);
      case STATUS_A -> memory[STATUS_A] = (byte) (value & ~A_UPDATE_IN_PROGRESS);
      case STATUS_B -> setMode(value);
      case STATUS_C, STATUS_D -> {} // read-only
      default -> memory[index] = value;
    }
  }

  /// Whether the guest has stopped the clock to set it.
  private boolean held() {
    return (memory[STATUS_B] & B_SET) != 0;
  }

  private boolean updating() {
    return !held()
        && Math.floorMod(time.wallClockNanos(), SECOND_NANOS) >= SECOND_NANOS - UPDATE_NANOS;
  }

  private byte[] shown() {
    long seconds = nowSeconds();
    if (seconds != shownSeconds) {
      show(seconds, shown);
      shownSeconds = seconds;
    }
    return shown;
  }

  private int takeFlags() {
    boolean updated = nowSeconds() != lastUpdateSeen;
    lastUpdateSeen = nowSeconds();
    return updated ? C_UPDATE_ENDED : 0;
  }

  private void setTime(byte value) {
    if (held()) {
      memory[index] = value;
    } else {
      latch();
      memory[index] = value;
      adopt();
    }
  }

  private void setMode(byte value) {
    boolean wasHeld = held();
    boolean holds = (value & B_SET) != 0;
    if (!wasHeld && holds) {
      latch();
    }
    memory[STATUS_B] = value;
    shownSeconds = NEVER; // its form may be another
    if (wasHeld && !holds) {
      adopt();
    }
  }

  private void latch() {
    show(nowSeconds(), memory);
  }

  /// The date is counted here: the first use of java.time's takes as long as a hundred exits.
  private void show(long seconds, byte[] registers) {
    long days = Math.floorDiv(seconds, DAY_SECONDS);
    int ofDay = (int) Math.floorMod(seconds, DAY_SECONDS);
    registers[SECONDS] = coded(ofDay % 60);
    registers[MINUTES] = coded(ofDay / 60 % 60);
    registers[HOURS] = codedHour(ofDay / 3600);
    registers[WEEKDAY] = coded((int) Math.floorMod(days + EPOCH_WEEKDAY, 7L) + 1); // Sunday is 1
    showDate(days, registers);
  }

  /// The Gregorian calendar, in years that begin in March, so that the leap day is the last.
  private void showDate(long days, byte[] registers) {
    long sinceMarch = days + MARCH_OF_YEAR_0;
    long era = Math.floorDiv(sinceMarch, ERA_DAYS);
    int ofEra = (int) Math.floorMod(sinceMarch, ERA_DAYS);
    int yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365;
    int ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int month = (5 * ofYear + 2) / 153; // 0 is March; five months have 153 days
    int year = (int) era * 400 + yearOfEra + (month >= 10 ? 1 : 0);
    registers[DAY] = coded(ofYear - (153 * month + 2) / 5 + 1);
    registers[MONTH] = coded(month >= 10 ? month - 9 : month + 3);
    registers[YEAR] = coded(year % 100);
    registers[CENTURY] = coded(year / 100);
  }

  /// Goes on from the time in the registers. Nonsense, such as the 31st of February, is dropped.
  private void adopt() {
    try {
      LocalDateTime set =
          LocalDateTime.of(
              number(memory[CENTURY]) * 100 + number(memory[YEAR]),
              number(memory[MONTH]),
              number(memory[DAY]),
              hour(memory[HOURS]),
              number(memory[MINUTES]),
              number(memory[SECONDS]));
      offsetSeconds = set.toEpochSecond(ZoneOffset.UTC) - hostSeconds();
    } catch (DateTimeException e) {
      // no such date: the clock goes on as it was
    }
  }

  private byte codedHour(int hour) {
    if ((memory[STATUS_B] & B_24_HOURS) != 0) {
      return coded(hour);
    }
    int onDial = hour % 12 == 0 ? 12 : hour % 12;
    return (byte) (coded(onDial) | (hour >= 12 ? PM : 0));
  }

  private int hour(byte register) {
    if ((memory[STATUS_B] & B_24_HOURS) != 0) {
      return number(register);
    }
    return number((byte) (register & ~PM)) % 12 + ((register & PM) != 0 ? 12 : 0);
  }

  private byte coded(int number) {
    return (byte) ((memory[STATUS_B] & B_BINARY) != 0 ? number : number / 10 << 4 | number % 10);
  }

  private int number(byte coded) {
    int value = coded & 0xFF;
    return (memory[STATUS_B] & B_BINARY) != 0 ? value : (value >>> 4) * 10 + (value & 0x0F);
  }

  private long hostSeconds() {
    return Math.floorDiv(time.wallClockNanos(), SECOND_NANOS);
  }

  private long nowSeconds() {
    return hostSeconds() + offsetSeconds;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.record(
        "cmos-rtc",
        0,
        STATE_VERSION,
        r -> {
          r.putByte(index);
          r.putLong(offsetSeconds);
          r.putBytes(memory);
        });
  }

  @Override
  public synchronized void load(StateReader in) {
    StateReader r = in.record("cmos-rtc", 0, STATE_VERSION);
    index = r.getByte() & (BYTES - 1);
    // The guest's clock is set at most to the year 16,599 (BCD's century of 165).
    offsetSeconds = Math.clamp(r.getLong(), -MAX_OFFSET_SECONDS, MAX_OFFSET_SECONDS);
    byte[] saved = r.getBytes(BYTES);
    System.arraycopy(saved, 0, memory, 0, saved.length);
    shownSeconds = NEVER;
    lastUpdateSeen = nowSeconds();
  }

  private static final long MAX_OFFSET_SECONDS = 20_000L * 366 * 24 * 3600;
}
