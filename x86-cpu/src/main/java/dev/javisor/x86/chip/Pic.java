package dev.javisor.x86.chip;

import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/// The two 8259As of a PC, the second at input 2 of the first, and their edge/level control
/// registers. Their output goes to LINT0 of the boot processor. Any thread; one lock.
public final class Pic implements Stateful {
  public static final int INPUTS = 16;

  /// Each of [#first], [#second] and [#edgeLevelControl].
  public static final int PORTS = 2;

  private static final int STATE_VERSION = 1;
  private static final int CASCADE = 2;
  private static final int CASCADE_BIT = 1 << CASCADE;

  /// IRQ 0, 1, 2, 8 and 13 are always edges (PIIX3, ELCR1 and ELCR2).
  private static final int FIRST_LEVEL_CHOICE = 0xF8;

  private static final int SECOND_LEVEL_CHOICE = 0xDE;

  private final PicChip first = new PicChip(FIRST_LEVEL_CHOICE, CASCADE_BIT);
  private final PicChip second = new PicChip(SECOND_LEVEL_CHOICE, 0);
  private InterruptLine output = new Wire(_ -> {});

  /// From now on asks `bootProcessor` for interrupts, and answers when it acknowledges.
  public synchronized void connect(LocalApic bootProcessor) {
    output = bootProcessor.connectLint0(this::acknowledge);
    update();
  }

  /// What the wire at `irq` says now. Input 2 is the other chip's.
  synchronized void level(int irq, boolean up) {
    if (irq >= PicChip.INPUTS) {
      second.input(irq - PicChip.INPUTS, up);
    } else if (irq != CASCADE) {
      first.input(irq, up);
    }
    update();
  }

  private void update() {
    first.cascaded(second.request() != PicChip.NONE);
    if (first.request() != PicChip.NONE) {
      output.raise();
    } else {
      output.lower();
    }
  }

  /// The processor's acknowledge cycle: the vector; input 7's of a chip that asks for nothing.
  synchronized int acknowledge() {
    int input = first.acknowledge();
    int vector = input == CASCADE ? second.vector(second.acknowledge()) : first.vector(input);
    update();
    return vector;
  }

  /// Ports 0x20 and 0x21.
  public Device first() {
    return ports(first);
  }

  /// Ports 0xA0 and 0xA1.
  public Device second() {
    return ports(second);
  }

  private Device ports(PicChip chip) {
    return new Ports(chip::readCommand, chip::command, chip::readData, chip::data);
  }

  /// Ports 0x4D0 and 0x4D1.
  public Device edgeLevelControl() {
    return new Ports(first::levels, first::levels, second::levels, second::levels);
  }

  /// Two ports of a byte each.
  private final class Ports implements Device {
    private final IntSupplier[] reads;
    private final IntConsumer[] writes;

    Ports(IntSupplier read0, IntConsumer write0, IntSupplier read1, IntConsumer write1) {
      reads = new IntSupplier[] {read0, read1};
      writes = new IntConsumer[] {write0, write1};
    }

    @Override
    public long read(long offset, int size) {
      if (size != 1) {
        return Device.allOnes(size);
      }
      synchronized (Pic.this) {
        int value = reads[(int) offset].getAsInt();
        update(); // a poll takes a request
        return value;
      }
    }

    @Override
    public void write(long offset, int size, long value) {
      if (size == 1) {
        synchronized (Pic.this) {
          writes[(int) offset].accept((int) value & 0xFF);
          update();
        }
      }
    }
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.record(
        "i8259",
        0,
        STATE_VERSION,
        fields -> {
          first.save(fields);
          second.save(fields);
        });
  }

  @Override
  public synchronized void load(StateReader in) {
    StateReader fields = in.record("i8259", 0, STATE_VERSION);
    first.load(fields);
    second.load(fields);
    update();
  }
}
