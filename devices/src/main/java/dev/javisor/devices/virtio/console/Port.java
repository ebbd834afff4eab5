package dev.javisor.devices.virtio.console;

import dev.javisor.devices.virtio.queue.DescriptorChain;
import dev.javisor.devices.virtio.queue.Virtqueue;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One port: what the guest knows of it, what it is still to be told, and the bytes on their way.
/// Messages are owed as bits, not queued, so that a driver which asks for ever and takes nothing
/// costs nothing. Of the device's worker.
final class Port {
  // Owed messages, in the order in which they are sent.
  static final int ADD = 1;
  static final int CONSOLE = 1 << 1;
  static final int NAME = 1 << 2;
  static final int SIZE = 1 << 3;
  static final int OPEN = 1 << 4;

  private static final int OWED_ALL = ADD | CONSOLE | NAME | SIZE | OPEN;

  private final int index;
  private final ConsolePort spec;
  private final PortListener listener;
  private final PortInput input;
  private final Backlog backlog = new Backlog();

  private int owed;
  private boolean ready; // the guest has added it
  private boolean guestOpen;
  private boolean guestClosing; // closed, but what it wrote is still on its way
  private boolean toldOpen; // what the guest believes of our end
  private boolean farEndClosed;
  private @Nullable DescriptorChain held; // its console was full
  private long heldOffset;

  Port(int index, ConsolePort spec, PortListener listener) {
    this.index = index;
    this.spec = spec;
    this.listener = listener;
    this.input = new PortInput(spec.console());
  }

  /// Queues 0 and 1 are port 0's, 2 and 3 control, then two a port (virtio 1.3, 5.3.2).
  int receiveQueue() {
    return index == 0 ? 0 : 2 * index + 2;
  }

  int transmitQueue() {
    return receiveQueue() + 1;
  }

  void owe(int message) {
    owed |= message;
  }

  boolean owesAnything() {
    return owed != 0;
  }

  /// The first message owed, now paid.
  MemorySegment takeMessage(int columns, int rows) {
    int first = Integer.lowestOneBit(owed);
    owed &= ~first;
    return switch (first) {
      case ADD -> new ControlMessage(index, ControlMessage.PORT_ADD, 1).encode();
      case CONSOLE -> new ControlMessage(index, ControlMessage.CONSOLE_PORT, 1).encode();
      case NAME ->
          new ControlMessage(index, ControlMessage.PORT_NAME, 1).encodeWithName(spec.name());
      case SIZE ->
          new ControlMessage(index, ControlMessage.RESIZE, 0).encodeWithSize(columns, rows);
      case OPEN -> new ControlMessage(index, ControlMessage.PORT_OPEN, toldOpen ? 1 : 0).encode();
      default -> throw new IllegalStateException("port " + index + " owes " + first);
    };
  }

  /// The guest has added the port, or says that it could not.
  void ready(boolean added, boolean sizeKnown) {
    ready = added;
    owed &= ADD;
    if (added) {
      owed |= NAME | (spec.isConsole() ? CONSOLE | (sizeKnown ? SIZE : 0) : 0);
      toldOpen = false;
      tellWhetherOpen();
    }
  }

  void resized() {
    if (ready && spec.isConsole()) {
      owed |= SIZE;
    }
  }

  /// The port of a driver without `VIRTIO_CONSOLE_F_MULTIPORT`, which never says that it is open.
  void openForGood() {
    ready = true;
    guestOpen = true;
    toldOpen = true;
  }

  void guestOpened(boolean open) {
    if (open == (guestOpen && !guestClosing)) {
      return;
    }
    if (open && guestClosing) {
      guestClosing = false; // opened again before we were through: never closed
      guestOpen = true;
    } else if (open) {
      guestOpen = true;
      listener.guestOpened(index, true);
    } else {
      guestClosing = true;
    }
  }

  private boolean takesInput() {
    // Linux throws away what reaches a port that nobody has open.
    return ready && guestOpen && !guestClosing;
  }

  /// Our end is closed to the guest when its input was taken to the end, or nobody reads its
  /// output.
  void tellWhetherOpen() {
    boolean open = !farEndClosed && !input.exhausted();
    if (ready && open != toldOpen) {
      toldOpen = open;
      owed |= OPEN;
    }
  }

  /// Moves what came from the far end into the driver's buffers. True if it should be called
  /// again.
  boolean receive(@Nullable Virtqueue queue) {
    if (queue == null || !takesInput()) {
      return false;
    }
    int left = queue.size();
    do {
      queue.pauseKicks();
      for (DescriptorChain chain;
          left > 0 && input.waits() && (chain = queue.poll()) != null;
          left--) {
        chain.write(0, input.take(chain.writableBytes()));
        queue.complete(chain);
      }
      // Without input a driver's new buffers are no reason to wake up.
    } while (left > 0 && input.waits() && queue.resumeKicks());
    tellWhetherOpen();
    return left == 0;
  }

  /// Moves what the driver wrote to the far end. True if it should be called again.
  boolean transmit(@Nullable Virtqueue queue) {
    if (queue == null) {
      return false;
    }
    flushBacklog();
    int left = queue.size();
    do {
      queue.pauseKicks();
      for (DescriptorChain chain; left > 0 && (chain = nextOutput(queue)) != null; left--) {
        if (!push(chain)) {
          held = chain; // the console wakes us when it has room; kicks stay off until then
          return false;
        }
        held = null;
        heldOffset = 0;
        queue.complete(chain);
      }
    } while (left > 0 && queue.resumeKicks());
    if (left > 0 && guestClosing && backlog.isEmpty()) {
      guestClosing = false;
      guestOpen = false;
      listener.guestOpened(index, false);
    }
    return left == 0;
  }

  private @Nullable DescriptorChain nextOutput(Virtqueue queue) {
    return held != null ? held : queue.poll();
  }

  /// True when the chain is through: written, kept or not wanted by anybody.
  private boolean push(DescriptorChain chain) {
    long left = Math.max(0, chain.readableBytes() - heldOffset);
    long offset =
        chain.readableBytes() - left; // a restored offset may lie behind a new chain's end
    for (MemorySegment part : chain.readable(offset, left)) {
      long taken = farEndClosed ? part.byteSize() : write(part);
      heldOffset += taken;
      if (taken < part.byteSize()) {
        return false;
      }
    }
    return true;
  }

  private long write(MemorySegment part) {
    int taken = backlog.isEmpty() ? spec.console().write(part) : 0;
    if (taken < 0) {
      closeFarEnd();
      return part.byteSize();
    }
    if (taken < part.byteSize() && spec.isConsole()) {
      backlog.add(part.asSlice(taken));
      return part.byteSize();
    }
    return taken;
  }

  private void flushBacklog() {
    if (!backlog.isEmpty() && !backlog.drainTo(spec.console())) {
      closeFarEnd();
    }
  }

  private void closeFarEnd() {
    farEndClosed = true;
    backlog.clear();
    tellWhetherOpen();
  }

  /// The driver is gone; bytes that it has not taken wait for the next.
  void forgetDriver() {
    boolean wasOpen = guestOpen;
    owed = 0;
    ready = false;
    guestOpen = false;
    guestClosing = false;
    toldOpen = false;
    held = null;
    heldOffset = 0;
    if (wasOpen) {
      listener.guestOpened(index, false);
    }
  }

  /// Whether the far ends are open is theirs to say after a restore, so it is not saved.
  void save(StateWriter out) {
    input.fill(); // what waits at the far end would be lost with it
    out.putByte(owed);
    out.putBoolean(ready);
    out.putBoolean(guestOpen);
    out.putBoolean(guestClosing);
    out.putBoolean(toldOpen);
    out.putLong(heldOffset);
    out.putBytes(input.bytes());
    backlog.save(out);
  }

  void load(StateReader in) {
    owed = in.getByte() & OWED_ALL;
    ready = in.getBoolean();
    guestOpen = in.getBoolean();
    guestClosing = in.getBoolean();
    toldOpen = in.getBoolean();
    heldOffset = Math.max(0, in.getLong());
    input.load(in.getBytes(PortInput.BYTES_MAX));
    backlog.load(in);
  }

  void close() {
    spec.console().close();
  }
}
