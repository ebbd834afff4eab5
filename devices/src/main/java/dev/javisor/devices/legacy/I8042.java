package dev.javisor.devices.legacy;

import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/// A keyboard controller with nothing plugged in: what it is for is its reset line (`reboot=k`). It
/// answers what Linux's i8042.c asks, so that a kernel that probes it finds it sane and its ports
/// empty instead of waiting. It raises no interrupt. Any vCPU thread.
public final class I8042 implements Stateful {
  private static final int STATE_VERSION = 1;

  private static final int STATUS_OUTPUT_FULL = 0x01;
  private static final int STATUS_SYSTEM = 0x04;
  private static final int STATUS_COMMAND = 0x08;
  private static final int STATUS_NOT_LOCKED = 0x10;

  private static final int READ_CTR = 0x20;
  private static final int WRITE_CTR = 0x60;
  private static final int DISABLE_AUX = 0xA7;
  private static final int ENABLE_AUX = 0xA8;
  private static final int TEST_AUX = 0xA9;
  private static final int SELF_TEST = 0xAA;
  private static final int TEST_KEYBOARD = 0xAB;
  private static final int DISABLE_KEYBOARD = 0xAD;
  private static final int ENABLE_KEYBOARD = 0xAE;
  private static final int READ_OUTPUT_PORT = 0xD0;
  private static final int WRITE_OUTPUT_PORT = 0xD1;

  /// 0xF0..0xFF pull the output lines whose bit is 0 low for 6 µs; line 0 is the processor's reset.
  private static final int PULSE = 0xF0;

  private static final int RESET_LINE = 0x01;

  private static final int CTR_SYSTEM = 0x04;
  private static final int CTR_KEYBOARD_OFF = 0x10;
  private static final int CTR_AUX_OFF = 0x20;
  private static final int OUTPUT_PORT_IDLE = 0xCF;
  private static final int SELF_TEST_PASSED = 0x55;
  private static final int TEST_PASSED = 0x00;
  private static final int CLOCK_STUCK = 0x01; // no second port

  private final Consumer<Ending> endings;
  private int control = CTR_SYSTEM;
  private int data;
  private boolean dataFull;
  private int lastCommand;

  /// @param endings told of a reset, on the vCPU's thread
  public I8042(Consumer<Ending> endings) {
    this.endings = endings;
  }

  /// Port 0x60.
  public Device dataPort() {
    return new Port(this::readData, this::writeData);
  }

  /// Port 0x64.
  public Device commandPort() {
    return new Port(this::status, this::command);
  }

  private record Port(IntSupplier in, IntConsumer out) implements Device {
    @Override
    public long read(long offset, int size) {
      return offset == 0 && size == 1 ? in.getAsInt() : Device.allOnes(size);
    }

    @Override
    public void write(long offset, int size, long value) {
      if (offset == 0 && size == 1) {
        out.accept((int) value & 0xFF);
      }
    }
  }

  private synchronized int status() {
    return STATUS_NOT_LOCKED
        | (control & CTR_SYSTEM & STATUS_SYSTEM)
        | (dataFull ? STATUS_OUTPUT_FULL : 0)
        | (lastCommand != 0 ? STATUS_COMMAND : 0);
  }

  private synchronized int readData() {
    dataFull = false;
    return data;
  }

  private void command(int command) {
    boolean reset;
    synchronized (this) {
      reset = obey(command);
    }
    if (reset) {
      endings.accept(new Ending.Reboot());
    }
  }

  private boolean obey(int command) {
    lastCommand = command;
    switch (command) {
      case READ_CTR -> answer(control);
      case SELF_TEST -> answer(SELF_TEST_PASSED);
      case TEST_KEYBOARD -> answer(TEST_PASSED);
      case TEST_AUX -> answer(CLOCK_STUCK);
      case DISABLE_AUX -> control |= CTR_AUX_OFF;
      case ENABLE_AUX -> control &= ~CTR_AUX_OFF;
      case DISABLE_KEYBOARD -> control |= CTR_KEYBOARD_OFF;
      case ENABLE_KEYBOARD -> control &= ~CTR_KEYBOARD_OFF;
      case READ_OUTPUT_PORT -> answer(OUTPUT_PORT_IDLE);
      default -> {} // WRITE_CTR and WRITE_OUTPUT_PORT take effect with their data byte
    }
    return (command & PULSE) == PULSE && (command & RESET_LINE) == 0;
  }

  private void answer(int value) {
    data = value;
    dataFull = true;
  }

  private void writeData(int value) {
    boolean reset;
    synchronized (this) {
      if (lastCommand == WRITE_CTR) {
        control = value;
      }
      reset = lastCommand == WRITE_OUTPUT_PORT && (value & RESET_LINE) == 0;
      lastCommand = 0;
    }
    if (reset) {
      endings.accept(new Ending.Reboot());
    }
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.record(
        "i8042",
        0,
        STATE_VERSION,
        r -> {
          r.putByte(control);
          r.putByte(data);
          r.putBoolean(dataFull);
          r.putByte(lastCommand);
        });
  }

  @Override
  public synchronized void load(StateReader in) {
    StateReader r = in.record("i8042", 0, STATE_VERSION);
    control = r.getByte();
    data = r.getByte();
    dataFull = r.getBoolean();
    lastCommand = r.getByte();
  }
}
