package dev.javisor.devices.legacy;

import dev.javisor.vmm.backend.ByteConsole;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.state.Quiescent;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// A serial port as Linux's 8250 driver wants it to be an NS16550A (8250_port.c, `autoconfig`,
/// `serial8250_do_startup`). Its transmitter is never busy: a byte goes into a ring of
/// [#KEPT_BYTES], from which the far end takes what it can; when it falls behind the oldest bytes
/// are lost and counted, so that it never stalls a vCPU. Input waits at the far end until the
/// driver listens.
///
/// vCPU threads and a thread of the console's call. Registers are under this object's monitor; the
/// console is never called with it held.
public final class Uart16550 implements Device, Quiescent {
  /// Registers, a byte each.
  public static final int PORTS = 8;

  /// How much output is kept for a far end that does not read.
  public static final int KEPT_BYTES = 1 << 20;

  private static final int FIFO_BYTES = 16;
  private static final int CHUNK_BYTES = 4096;
  private static final int STATE_VERSION = 1;

  private static final int IER_RDI = 0x01;
  private static final int IER_THRI = 0x02;
  private static final int IER_RLSI = 0x04;
  private static final int IER_MSI = 0x08;
  private static final int IER_MASK = 0x0F; // more would look like an XScale's UART

  private static final int IIR_NO_INT = 0x01;
  private static final int IIR_MSI = 0x00;
  private static final int IIR_THRI = 0x02;
  private static final int IIR_RDI = 0x04;
  private static final int IIR_RLSI = 0x06;
  private static final int IIR_TIMEOUT = 0x0C;
  private static final int IIR_FIFO_ENABLED = 0xC0;

  private static final int FCR_ENABLE = 0x01;
  private static final int FCR_CLEAR_RCVR = 0x02;
  private static final int[] TRIGGER_LEVELS = {1, 4, 8, 14};

  private static final int LCR_DLAB = 0x80;

  private static final int MCR_DTR = 0x01;
  private static final int MCR_RTS = 0x02;
  private static final int MCR_OUT1 = 0x04;
  private static final int MCR_OUT2 = 0x08;
  private static final int MCR_LOOP = 0x10;
  private static final int MCR_MASK = 0x1F;

  private static final int LSR_DR = 0x01;
  private static final int LSR_OE = 0x02;
  private static final int LSR_THRE = 0x20;
  private static final int LSR_TEMT = 0x40;

  private static final int MSR_CTS = 0x10;
  private static final int MSR_DSR = 0x20;
  private static final int MSR_RI = 0x40;
  private static final int MSR_DCD = 0x80;
  private static final int MSR_DELTA_RI = 0x04;
  private static final int MSR_DELTAS = 0x0F;

  private final InterruptLine line;
  private final ByteConsole console;

  private int ier;
  private int fcr;
  private int lcr = 0x03; // 8N1
  private int mcr;
  private int scratch;
  private int divisor = 1; // 115200 baud
  private int msrDeltas;
  private boolean overrun;
  private boolean thrEmptyPending;
  private boolean lineUp;
  private final byte[] received = new byte[FIFO_BYTES];
  private int receivedHead;
  private int receivedCount;
  private final OutputRing output = new OutputRing(KEPT_BYTES);
  private volatile boolean resting;
  private volatile boolean inputEnded;

  /// How many threads want the console pumped; the one that made it 1 does it for all of them.
  private final AtomicInteger pumpRequests = new AtomicInteger();

  /// Belongs to the pumping thread. Native, since a console may hand it to the host as it is.
  private final MemorySegment chunk = Arena.ofAuto().allocate(CHUNK_BYTES);

  /// @param line its interrupt, edge-triggered at the controller
  public Uart16550(InterruptLine line, ByteConsole console) {
    this.line = line;
    this.console = console;
    console.onReady(this::pump);
  }

  /// How much output was lost because the far end did not take it in time.
  public synchronized long droppedBytes() {
    return output.dropped();
  }

  @Override
  public long read(long offset, int size) {
    if (size != 1 || offset < 0 || offset >= PORTS) {
      return Device.allOnes(size);
    }
    int value;
    boolean listening;
    synchronized (this) {
      value = readRegister((int) offset);
      listening = listens(offset == 5);
    }
    if (listening && (offset == 0 || offset == 5)) {
      pump();
    }
    return value;
  }

  @Override
  public void write(long offset, int size, long value) {
    if (size != 1 || offset < 0 || offset >= PORTS) {
      return;
    }
    synchronized (this) {
      writeRegister((int) offset, (int) value & 0xFF);
    }
    pump();
  }

  private int readRegister(int offset) {
    boolean dlab = (lcr & LCR_DLAB) != 0;
    return switch (offset) {
      case 0 -> dlab ? divisor & 0xFF : takeReceived();
      case 1 -> dlab ? divisor >>> 8 : ier;
      case 2 -> readInterruptId();
      case 3 -> lcr;
      case 4 -> mcr;
      case 5 -> readLineStatus();
      case 6 -> readModemStatus();
      case 7 -> scratch;
      default -> throw new AssertionError(offset);
    };
  }

  private void writeRegister(int offset, int value) {
    boolean dlab = (lcr & LCR_DLAB) != 0;
    switch (offset) {
      case 0 -> {
        if (dlab) {
          divisor = (divisor & 0xFF00) | value;
        } else {
          transmit((byte) value);
        }
      }
      case 1 -> {
        if (dlab) {
          divisor = (divisor & 0xFF) | value << 8;
        } else {
          writeInterruptEnable(value & IER_MASK);
        }
      }
      case 2 -> writeFifoControl(value);
      case 3 -> lcr = value;
      case 4 -> writeModemControl(value & MCR_MASK);
      case 7 -> scratch = value;
      default -> {} // line and modem status are read-only
    }
  }

  private void transmit(byte value) {
    if ((mcr & MCR_LOOP) != 0) {
      receive(value);
    } else {
      output.put(value);
    }
    // Full for no time at all, then empty again: an edge, if nothing else holds the line up.
    thrEmptyPending = false;
    updateLine();
    thrEmptyPending = true;
    updateLine();
  }

  private void receive(byte value) {
    if (receivedCount == fifoDepth()) {
      overrun = true;
    } else {
      received[(receivedHead + receivedCount++) % FIFO_BYTES] = value;
    }
    updateLine();
  }

  private int takeReceived() {
    if (receivedCount == 0) {
      return 0;
    }
    int value = received[receivedHead] & 0xFF;
    receivedHead = (receivedHead + 1) % FIFO_BYTES;
    receivedCount--;
    updateLine();
    return value;
  }

  private int fifoDepth() {
    return (fcr & FCR_ENABLE) != 0 ? FIFO_BYTES : 1;
  }

  /// Linux takes a port without an interrupt right after enabling it for one that needs a
  /// work-around (`UART_BUG_TXEN`), and one without a second for one that needs polling
  /// (`UART_BUG_THRE`).
  private void writeInterruptEnable(int value) {
    if (((ier ^ value) & IER_THRI) != 0) {
      thrEmptyPending = (value & IER_THRI) != 0;
    }
    ier = value;
    updateLine();
  }

  private void writeFifoControl(int value) {
    boolean switched = ((fcr ^ value) & FCR_ENABLE) != 0;
    if (switched || (value & FCR_CLEAR_RCVR) != 0) {
      receivedCount = 0;
    }
    fcr = (value & FCR_ENABLE) != 0 ? value & (0xC0 | FCR_ENABLE) : 0;
    updateLine();
  }

  private void writeModemControl(int value) {
    int before = modemLines();
    mcr = value;
    int changed = before ^ modemLines();
    msrDeltas |= changed >>> 4 & (MSR_DELTAS & ~MSR_DELTA_RI);
    if ((changed & before & MSR_RI) != 0) {
      msrDeltas |= MSR_DELTA_RI; // only the end of a ring counts
    }
    updateLine();
  }

  /// A terminal that is always there, or, in a loop, our own outputs.
  private int modemLines() {
    if ((mcr & MCR_LOOP) == 0) {
      return MSR_DCD | MSR_DSR | MSR_CTS;
    }
    return ((mcr & MCR_RTS) != 0 ? MSR_CTS : 0)
        | ((mcr & MCR_DTR) != 0 ? MSR_DSR : 0)
        | ((mcr & MCR_OUT1) != 0 ? MSR_RI : 0)
        | ((mcr & MCR_OUT2) != 0 ? MSR_DCD : 0);
  }

  private int readInterruptId() {
    int id = interruptId();
    if (id == IIR_THRI) {
      thrEmptyPending = false;
      updateLine();
    }
    return id | ((fcr & FCR_ENABLE) != 0 ? IIR_FIFO_ENABLED : 0);
  }

  /// What is pending and enabled, most urgent first. A FIFO below its trigger level times out at
  /// once.
  private int interruptId() {
    if ((ier & IER_RLSI) != 0 && overrun) {
      return IIR_RLSI;
    }
    if ((ier & IER_RDI) != 0 && receivedCount > 0) {
      return receivedCount >= TRIGGER_LEVELS[fcr >>> 6] ? IIR_RDI : IIR_TIMEOUT;
    }
    if ((ier & IER_THRI) != 0 && thrEmptyPending) {
      return IIR_THRI;
    }
    return (ier & IER_MSI) != 0 && msrDeltas != 0 ? IIR_MSI : IIR_NO_INT;
  }

  private int readLineStatus() {
    int status = LSR_THRE | LSR_TEMT | (receivedCount > 0 ? LSR_DR : 0) | (overrun ? LSR_OE : 0);
    overrun = false;
    updateLine();
    return status;
  }

  private int readModemStatus() {
    int status = modemLines() | msrDeltas;
    msrDeltas = 0;
    updateLine();
    return status;
  }

  private void updateLine() {
    boolean up = interruptId() != IIR_NO_INT;
    if (up && !lineUp) {
      line.raise();
    } else if (!up && lineUp) {
      line.lower();
    }
    lineUp = up;
  }

  /// Whether input may come in: the driver waits for its interrupt or, with both outputs up, polls.
  /// Earlier it would be lost, since Linux empties the FIFO when it opens the port.
  private boolean listens(boolean polling) {
    int ready = MCR_DTR | MCR_RTS;
    return (mcr & MCR_LOOP) == 0
        && receivedCount < fifoDepth()
        && ((ier & IER_RDI) != 0 || polling && (mcr & ready) == ready);
  }

  /// Moves bytes both ways until neither end can go on. The console may call back into here.
  private void pump() {
    if (pumpRequests.getAndIncrement() != 0) {
      return;
    }
    int served = 1;
    do {
      if (!resting) {
        sendOutput();
        fetchInput();
      }
      served = pumpRequests.addAndGet(-served);
    } while (served != 0);
  }

  private void sendOutput() {
    while (true) {
      int waiting;
      long position;
      synchronized (this) {
        position = output.position();
        waiting = output.peek(chunk);
      }
      if (waiting == 0) {
        return;
      }
      int taken = console.write(chunk.asSlice(0, waiting));
      synchronized (this) {
        if (taken < 0) {
          output.discard();
        } else {
          output.consumed(position, taken);
        }
      }
      if (taken < waiting) {
        return;
      }
    }
  }

  private void fetchInput() {
    while (!inputEnded) {
      int room;
      synchronized (this) {
        room = listens(true) ? fifoDepth() - receivedCount : 0;
      }
      if (room == 0) {
        return;
      }
      int count = console.read(chunk.asSlice(0, room));
      inputEnded = count < 0;
      if (count <= 0) {
        return;
      }
      byte[] received = chunk.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
      synchronized (this) {
        for (byte b : received) {
          receive(b);
        }
      }
    }
  }

  @Override
  public boolean quiesce(long deadlineNanos) {
    resting = true;
    while (pumpRequests.get() != 0) {
      if (System.nanoTime() - deadlineNanos >= 0) {
        return false;
      }
      LockSupport.parkNanos(100_000);
    }
    return true;
  }

  @Override
  public void resume() {
    resting = false;
    synchronized (this) {
      lineUp = false; // an edge twice is harmless, one lost is not
      updateLine();
    }
    pump();
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.record(
        "uart16550",
        0,
        STATE_VERSION,
        r -> {
          for (int register : new int[] {ier, fcr, lcr, mcr, scratch, msrDeltas}) {
            r.putByte(register);
          }
          r.putShort(divisor);
          r.putBoolean(overrun);
          r.putBoolean(thrEmptyPending);
          r.putByte(receivedCount);
          for (int i = 0; i < receivedCount; i++) {
            r.putByte(received[(receivedHead + i) % FIFO_BYTES]);
          }
          r.putLong(output.dropped());
          r.putBytes(output.contents());
        });
  }

  @Override
  public synchronized void load(StateReader in) {
    StateReader r = in.record("uart16550", 0, STATE_VERSION);
    ier = r.getByte() & IER_MASK;
    fcr = r.getByte() & (0xC0 | FCR_ENABLE);
    lcr = r.getByte();
    mcr = r.getByte() & MCR_MASK;
    scratch = r.getByte();
    msrDeltas = r.getByte() & MSR_DELTAS;
    divisor = r.getShort();
    overrun = r.getBoolean();
    thrEmptyPending = r.getBoolean();
    receivedHead = 0;
    receivedCount = Math.min(r.getByte(), fifoDepth());
    for (int i = 0; i < receivedCount; i++) {
      received[i] = (byte) r.getByte();
    }
    long dropped = r.getLong();
    output.restore(r.getBytes(KEPT_BYTES), dropped);
  }
}
