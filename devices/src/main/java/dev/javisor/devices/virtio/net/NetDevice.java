package dev.javisor.devices.virtio.net;

import dev.javisor.devices.virtio.Activation;
import dev.javisor.devices.virtio.ConfigSpace;
import dev.javisor.devices.virtio.queue.DescriptorChain;
import dev.javisor.devices.virtio.queue.Virtqueue;
import dev.javisor.devices.virtio.worker.QueueDevice;
import dev.javisor.vmm.backend.PacketPort;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// virtio-net (virtio 1.3, 5.1): a network card with one pair of queues. A frame passes through a
/// buffer of ours, so that what was checked is what is sent. Frames that break the rules are
/// dropped and counted, as a network does; only a ring that does costs the guest its device.
public final class NetDevice extends QueueDevice {
  static final long F_CSUM = 1;
  static final long F_GUEST_CSUM = 1L << 1;
  static final long F_MTU = 1L << 3;
  static final long F_MAC = 1L << 5;
  static final long F_GUEST_TSO4 = 1L << 7;
  static final long F_GUEST_TSO6 = 1L << 8;
  static final long F_HOST_TSO4 = 1L << 11;
  static final long F_HOST_TSO6 = 1L << 12;
  static final long F_MRG_RXBUF = 1L << 15;
  static final long F_STATUS = 1L << 16;

  private static final long OFFLOADS =
      F_CSUM | F_GUEST_CSUM | F_GUEST_TSO4 | F_GUEST_TSO6 | F_HOST_TSO4 | F_HOST_TSO6;

  private static final int DEVICE_ID = 1;
  private static final int RECEIVE = 0;
  private static final int TRANSMIT = 1;
  private static final int QUEUE_SIZE = 256;
  private static final int CONFIG_BYTES = 12;
  private static final int MAC_BYTES = 6;

  /// How many unwanted frames in a row are thrown away before others have their turn.
  private static final int REFUSED_MAX = 256;

  private static final int CONFIG_STATUS = 6;
  private static final int STATUS_LINK_UP = 1;

  private final PacketPort port;
  private final MemorySegment outgoing = frame();
  private final MemorySegment incoming = frame();
  private final LongAdder droppedOutgoing = new LongAdder();
  private final LongAdder droppedIncoming = new LongAdder();

  /// Receive buffers polled and not used yet, always the latest of the queue.
  private final ArrayDeque<DescriptorChain> buffers = new ArrayDeque<>();

  private Offloads fromGuest = new Offloads(false, false, false);
  private Offloads toGuest = fromGuest;
  private int incomingBytes; // of a frame that waits for buffers, or 0

  /// @param name for threads and reports
  /// @param port the far end; belongs to the device
  /// @param mac six bytes
  /// @param mtu in bytes, 68..65535: what the guest is told to use
  /// @param onFailure ends the machine
  public NetDevice(
      String name, PacketPort port, byte[] mac, int mtu, Consumer<Throwable> onFailure) {
    super(name, new int[] {QUEUE_SIZE, QUEUE_SIZE}, new ConfigSpace(CONFIG_BYTES), onFailure);
    if (mac.length != MAC_BYTES || mtu < 68 || mtu > 65535) {
      throw new IllegalArgumentException(
          "%s: a MAC of %d bytes, an MTU of %d".formatted(name, mac.length, mtu));
    }
    this.port = port;
    for (int i = 0; i < MAC_BYTES; i++) {
      config().put8(i, mac[i]);
    }
    config().put16(CONFIG_STATUS, STATUS_LINK_UP).put16(8, 1).put16(10, mtu);
    port.onReadable(this::wake);
  }

  /// One frame. (A buffer's memory: an arena clears its own eight bytes at a time, in Java.)
  private static MemorySegment frame() {
    return MemorySegment.ofBuffer(ByteBuffer.allocateDirect(Offloads.FRAME_BYTES_MAX));
  }

  /// Plugs the cable in or out, as the guest sees it. Any thread.
  public void setLink(boolean up) {
    config().put16(CONFIG_STATUS, up ? STATUS_LINK_UP : 0);
    post(this::configChanged);
  }

  /// Frames of the guest's, and for it, that went nowhere. Any thread.
  public long droppedOutgoing() {
    return droppedOutgoing.sum();
  }

  public long droppedIncoming() {
    return droppedIncoming.sum();
  }

  @Override
  protected void driverReady(Activation activation) {
    fromGuest =
        new Offloads(
            activation.has(F_CSUM), activation.has(F_HOST_TSO4), activation.has(F_HOST_TSO6));
    toGuest =
        new Offloads(
            activation.has(F_GUEST_CSUM),
            activation.has(F_GUEST_TSO4),
            activation.has(F_GUEST_TSO6));
    port.guestOffloads(toGuest.checksum(), toGuest.tso4(), toGuest.tso6());
  }

  @Override
  protected void driverGone() {
    buffers.clear();
    incomingBytes = 0;
    port.guestOffloads(false, false, false);
  }

  @Override
  protected void serve() {
    drain(TRANSMIT, this::transmit);
    Virtqueue receive = queue(RECEIVE);
    if (receive != null) {
      receive(receive);
    }
  }

  private void transmit(Virtqueue queue, DescriptorChain chain) {
    long length = chain.readableBytes();
    boolean sent = false;
    if (length <= Offloads.FRAME_BYTES_MAX) {
      MemorySegment frame = outgoing.asSlice(0, length);
      long at = 0;
      for (MemorySegment part : chain.readable(0, length)) {
        MemorySegment.copy(part, 0, frame, at, part.byteSize());
        at += part.byteSize();
      }
      sent = fromGuest.allow(frame) && port.send(frame);
    }
    if (!sent) {
      droppedOutgoing.increment();
    }
    queue.complete(chain);
  }

  /// Takes frames from the port as long as the driver has buffers for them: without any they wait
  /// in the port, whose business it is when to lose some.
  private void receive(Virtqueue queue) {
    int left = queue.size();
    boolean waiting = true;
    do {
      queue.pauseKicks();
      while (left > 0 && waiting && hasBuffer(queue)) {
        waiting = nextFrame();
        if (waiting && !deliver(queue)) {
          break; // it takes more buffers than there are
        }
        left--;
      }
      // While no frame waits, new buffers are no reason to wake up.
    } while (left > 0 && waiting && queue.resumeKicks());
    if (left == 0) {
      wake();
    }
  }

  private boolean hasBuffer(Virtqueue queue) {
    return !buffers.isEmpty() || addBuffer(queue);
  }

  private boolean addBuffer(Virtqueue queue) {
    for (int i = 0; i < queue.size(); i++) {
      DescriptorChain chain = queue.poll();
      if (chain == null) {
        return false;
      }
      if (chain.writableBytes() > 0) {
        buffers.add(chain);
        return true;
      }
      if (!buffers.isEmpty()) {
        buffers.add(chain); // useless, but those held must be the latest: it goes with the others
        return true;
      }
      queue.complete(chain);
    }
    return false;
  }

  /// Whether a frame is in `incoming`, which the guest may be given.
  private boolean nextFrame() {
    for (int i = 0; incomingBytes == 0 && i < REFUSED_MAX; i++) {
      int length = port.receive(incoming);
      if (length == 0) {
        return false;
      }
      if (toGuest.allow(incoming.asSlice(0, length))) {
        incomingBytes = length;
      } else {
        droppedIncoming.increment(); // sent while something else was negotiated
      }
    }
    if (incomingBytes == 0) {
      wake(); // the port was not empty, so it will not
    }
    return incomingBytes > 0;
  }

  /// Puts the frame into one buffer, or with `VIRTIO_NET_F_MRG_RXBUF` into as many as it takes.
  /// True if it is gone.
  private boolean deliver(Virtqueue queue) {
    boolean merge = negotiated(F_MRG_RXBUF);
    long room = 0;
    int count = 0;
    for (DescriptorChain buffer : buffers) {
      if (room >= incomingBytes || count == 1 && !merge) {
        break;
      }
      room += buffer.writableBytes();
      count++;
    }
    while (merge && room < incomingBytes && buffers.size() < queue.size() && addBuffer(queue)) {
      room += buffers.getLast().writableBytes();
      count++;
    }
    if (room < incomingBytes) {
      return dropIfHopeless(queue, merge);
    }
    fill(queue, count);
    incomingBytes = 0;
    return true;
  }

  /// A frame that does not fit a lone buffer, or all that the queue can hold, never will.
  private boolean dropIfHopeless(Virtqueue queue, boolean merge) {
    if (merge && buffers.size() < queue.size()) {
      return false;
    }
    droppedIncoming.increment();
    incomingBytes = 0;
    return true;
  }

  private void fill(Virtqueue queue, int count) {
    Offloads.setBuffers(incoming, count);
    List<DescriptorChain> used = new ArrayList<>(count);
    long at = 0;
    for (int i = 0; i < count; i++) {
      DescriptorChain buffer = buffers.removeFirst();
      long bytes = Math.min(buffer.writableBytes(), incomingBytes - at);
      buffer.write(0, incoming.asSlice(at, bytes));
      at += bytes;
      used.add(buffer);
    }
    queue.complete(used);
  }

  @Override
  protected void closeBackEnd() {
    port.close();
  }

  @Override
  public int deviceId() {
    return DEVICE_ID;
  }

  @Override
  public long features() {
    return F_MAC | F_STATUS | F_MTU | F_MRG_RXBUF | (port.offloads() ? OFFLOADS : 0);
  }

  @Override
  protected void saveFields(StateWriter out) {
    out.putShort((int) config().read(CONFIG_STATUS, 2));
    out.putBytes(incoming.asSlice(0, incomingBytes).toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  protected void loadFields(StateReader in) {
    config().put16(CONFIG_STATUS, in.getShort() & STATUS_LINK_UP);
    byte[] frame = in.getBytes(Offloads.FRAME_BYTES_MAX);
    MemorySegment.copy(MemorySegment.ofArray(frame), 0, incoming, 0, frame.length);
    incomingBytes = frame.length;
  }
}
