package dev.javisor.x86.chip;

import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;

/// The I/O APIC (82093AA): 24 pins, each with a row that says which message it sends. Version 0x11,
/// as the data sheet has it and KVM: no EOI register. Any thread; one lock.
///
/// An edge on a masked pin is lost (82093AA, 3.2.4, "Interrupt Mask"), a level is seen when the pin
/// is opened.
public final class IoApic implements Device, Stateful {
  public static final int PINS = 24;

  /// From its base on.
  public static final int BYTES = 0x100;

  private static final int STATE_VERSION = 1;
  private static final int VERSION = 0x11;

  private static final int IOREGSEL = 0x00;
  private static final int IOWIN = 0x10;
  private static final int WINDOW_BYTES_MAX = 8;

  private static final int IOAPICID = 0;
  private static final int IOAPICVER = 1;
  private static final int IOAPICARB = 2;
  private static final int IOREDTBL = 0x10;
  private static final int ID_BITS = 0x0F00_0000;

  private final ApicBus bus;
  private final RedirectionEntry[] table = new RedirectionEntry[PINS];
  private int select;
  private int id;
  private int high;

  /// @param bus takes its messages, and tells it of their ends
  public IoApic(ApicBus bus) {
    this.bus = bus;
    for (int pin = 0; pin < PINS; pin++) {
      table[pin] = new RedirectionEntry();
    }
    bus.onEndOfInterrupt(this::endOfInterrupt);
  }

  /// What the wire at `pin` says now.
  synchronized void level(int pin, boolean up) {
    boolean rises = up && (high & 1 << pin) == 0;
    high = up ? high | 1 << pin : high & ~(1 << pin);
    if (rises || (up && table[pin].isLevel())) {
      send(table[pin]);
    }
  }

  private void send(RedirectionEntry entry) {
    if (entry.isOpen() && bus.deliver(entry.message())) {
      entry.taken();
    }
  }

  /// Sends for a level that was there already.
  private void sendLevel(int pin) {
    if (table[pin].isLevel() && (high & 1 << pin) != 0) {
      send(table[pin]);
    }
  }

  private synchronized void endOfInterrupt(int vector) {
    for (int pin = 0; pin < PINS; pin++) {
      if (table[pin].isLevel() && table[pin].vector() == vector) {
        table[pin].ended();
        sendLevel(pin);
      }
    }
  }

  @Override
  public synchronized long read(long offset, int size) {
    if (size > WINDOW_BYTES_MAX || (offset != IOREGSEL && offset != IOWIN)) {
      return Device.allOnes(size);
    }
    int value = offset == IOREGSEL ? select : register();
    return Integer.toUnsignedLong(value) & Device.allOnes(size);
  }

  private int register() {
    return switch (select) {
      case IOAPICID, IOAPICARB -> id;
      case IOAPICVER -> VERSION | (PINS - 1) << 16;
      default -> pin() < 0 ? -1 : half(table[pin()]);
    };
  }

  private int half(RedirectionEntry entry) {
    return (select & 1) == 0 ? entry.low() : entry.high();
  }

  /// Which row is selected, or -1.
  private int pin() {
    int pin = (select - IOREDTBL) >> 1;
    return pin >= 0 && pin < PINS ? pin : -1;
  }

  @Override
  public synchronized void write(long offset, int size, long value) {
    if (offset == IOREGSEL) {
      select = (int) value & 0xFF;
    } else if (offset == IOWIN) {
      writeRegister((int) value);
    }
  }

  private void writeRegister(int value) {
    int pin = pin();
    if (select == IOAPICID) {
      id = value & ID_BITS;
    } else if (pin >= 0) {
      if ((select & 1) == 0) {
        table[pin].low(value);
      } else {
        table[pin].high(value);
      }
      sendLevel(pin);
    }
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.record("ioapic", 0, STATE_VERSION, this::saveFields);
  }

  private void saveFields(StateWriter out) {
    out.putByte(select);
    out.putInt(id);
    out.putInt(high);
    for (RedirectionEntry entry : table) {
      out.putInt(entry.low());
      out.putInt(entry.high());
    }
  }

  @Override
  public synchronized void load(StateReader in) {
    StateReader fields = in.record("ioapic", 0, STATE_VERSION);
    select = fields.getByte();
    id = fields.getInt() & ID_BITS;
    high = fields.getInt() & (1 << PINS) - 1;
    for (RedirectionEntry entry : table) {
      entry.restore(fields.getInt(), fields.getInt());
    }
  }
}
