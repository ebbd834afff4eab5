package dev.javisor.devices.virtio.console;

import dev.javisor.devices.virtio.Activation;
import dev.javisor.devices.virtio.ConfigSpace;
import dev.javisor.devices.virtio.queue.DescriptorChain;
import dev.javisor.devices.virtio.queue.Virtqueue;
import dev.javisor.devices.virtio.worker.QueueDevice;
import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// virtio-console (virtio 1.3, 5.3) with as many ports as it is given. Port 0 works for a driver
/// without `VIRTIO_CONSOLE_F_MULTIPORT` too.
public final class ConsoleDevice extends QueueDevice {
  static final long F_SIZE = 1;
  static final long F_MULTIPORT = 1L << 1;

  /// More would only cost memory: Linux fills every receive queue with a page an entry.
  private static final int QUEUE_SIZE = 64;

  /// Two queues each bound how many make sense.
  private static final int PORTS_MAX = 31;

  private static final int DEVICE_ID = 3;
  private static final int CONTROL_RECEIVE = 2;
  private static final int CONTROL_TRANSMIT = 3;
  private static final int CONFIG_BYTES = 12;

  private final List<Port> ports = new ArrayList<>();
  private int columns;
  private int rows;

  /// @param name for threads and reports
  /// @param specs one a port, 1..31, number 0 first; their consoles belong to the device
  /// @param onFailure ends the machine
  public ConsoleDevice(
      String name, List<ConsolePort> specs, PortListener listener, Consumer<Throwable> onFailure) {
    super(name, sizes(specs.size()), new ConfigSpace(CONFIG_BYTES), onFailure);
    for (ConsolePort spec : specs) {
      ports.add(new Port(ports.size(), spec, listener));
      spec.console().onReady(this::wake);
    }
    config().put32(4, ports.size()); // max_nr_ports
  }

  private static int[] sizes(int ports) {
    if (ports < 1 || ports > PORTS_MAX) {
      throw new IllegalArgumentException(ports + " ports, not 1.." + PORTS_MAX);
    }
    int[] sizes = new int[2 * ports + 2];
    java.util.Arrays.fill(sizes, QUEUE_SIZE);
    return sizes;
  }

  /// The terminal behind the console ports has another size. Any thread.
  public void resize(int newColumns, int newRows) {
    config().put16(0, newColumns).put16(2, newRows);
    post(() -> resized(newColumns, newRows));
  }

  private void resized(int newColumns, int newRows) {
    columns = newColumns;
    rows = newRows;
    ports.forEach(Port::resized);
    configChanged();
  }

  @Override
  protected void driverReady(Activation activation) {
    if (!activation.has(F_MULTIPORT)) {
      ports.get(0).openForGood();
    }
  }

  @Override
  protected void serve() {
    drain(CONTROL_TRANSMIT, this::control);
    boolean more = false;
    for (Port port : ports) {
      more |= port.transmit(queue(port.transmitQueue()));
      more |= port.receive(queue(port.receiveQueue()));
    }
    sendOwed();
    if (more) {
      wake(); // others had to have their turn
    }
  }

  /// A message of the driver's; what it means nothing by is ignored.
  private void control(Virtqueue queue, DescriptorChain chain) {
    if (chain.readableBytes() >= ControlMessage.BYTES) {
      ControlMessage message = ControlMessage.parse(chain.copy(0, ControlMessage.BYTES));
      if (message.event() == ControlMessage.DEVICE_READY) {
        deviceReady(message.value());
      } else if (message.port() >= 0 && message.port() < ports.size()) {
        portMessage(ports.get(message.port()), message);
      }
    }
    queue.complete(chain);
  }

  private void deviceReady(int value) {
    if (value == 1) {
      ports.forEach(port -> port.owe(Port.ADD));
    }
  }

  private void portMessage(Port port, ControlMessage message) {
    switch (message.event()) {
      case ControlMessage.PORT_READY -> port.ready(message.value() == 1, columns != 0);
      case ControlMessage.PORT_OPEN -> port.guestOpened(message.value() == 1);
      default -> {} // the others go the other way
    }
  }

  private void sendOwed() {
    Virtqueue queue = queue(CONTROL_RECEIVE);
    if (queue == null) {
      return;
    }
    do {
      queue.pauseKicks();
      Port port = owing();
      for (DescriptorChain chain; port != null && (chain = queue.poll()) != null; port = owing()) {
        MemorySegment message = port.takeMessage(columns, rows);
        // cut to a buffer that is too small: Linux's are pages
        long bytes = Math.min(message.byteSize(), chain.writableBytes());
        chain.write(0, message.asSlice(0, bytes));
        queue.complete(chain);
      }
    } while (owing() != null && queue.resumeKicks());
  }

  private @Nullable Port owing() {
    for (Port port : ports) {
      if (port.owesAnything()) {
        return port;
      }
    }
    return null;
  }

  @Override
  protected void driverGone() {
    ports.forEach(Port::forgetDriver);
  }

  @Override
  protected void closeBackEnd() {
    ports.forEach(Port::close);
  }

  @Override
  public int deviceId() {
    return DEVICE_ID;
  }

  /// One, as QEMU's has in effect: its queues are many and slow, and a vector of its own for each
  /// costs a boot more (some 400,000 instructions) than looking at all of them ever does.
  @Override
  public int queueInterrupts() {
    return 1;
  }

  @Override
  public long features() {
    return F_SIZE | F_MULTIPORT;
  }

  @Override
  protected void saveFields(StateWriter out) {
    out.putShort(columns);
    out.putShort(rows);
    out.putInt(ports.size());
    ports.forEach(port -> port.save(out));
  }

  @Override
  protected void loadFields(StateReader in) {
    columns = in.getShort();
    rows = in.getShort();
    config().put16(0, columns).put16(2, rows);
    if (in.getInt() != ports.size()) {
      throw new StateException("the state's ports are not the console's " + ports.size());
    }
    ports.forEach(port -> port.load(in));
  }
}
