package dev.javisor.devices.virtio;

import dev.javisor.devices.virtio.Activation.QueueSetup;
import dev.javisor.testkit.virtio.MockDriver;
import dev.javisor.vmm.irq.SoftDoorbell;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A driver of a whole device: memory, a queue each, a doorbell. Waits are bounded by
/// [#HANG_MILLIS], generous, only against hangs.
public final class DriverFixture implements AutoCloseable {
  public static final long HANG_MILLIS = 30_000;
  public static final long DATA = 0x100000;

  private static final long QUEUES = 0x10000;
  private static final long QUEUE_STRIDE = 0x8000;

  /// What a device reported as written, in order.
  public record Write(long gpa, long size) {}

  public final FlatMemory memory;
  public final List<MockDriver> queues = new ArrayList<>();
  public final List<Write> writes = new CopyOnWriteArrayList<>();
  public final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  public RecordingInterrupts interrupts = new RecordingInterrupts();
  public SoftDoorbell kicks = new SoftDoorbell();
  public VirtioDevice device;

  private final long features;

  /// @param make builds the device, given where failures go
  public DriverFixture(long features, Function<DriverFixture, VirtioDevice> make) {
    this(FlatMemory.of(8 << 20, DriverFixture::ram), features, make);
  }

  public DriverFixture(
      FlatMemory memory, long features, Function<DriverFixture, VirtioDevice> make) {
    this.memory = memory;
    this.features = features;
    memory.subscribe((gpa, size) -> writes.add(new Write(gpa, size)));
    device = make.apply(this);
  }

  public static MemorySegment ram(long bytes) {
    return Arena.ofAuto().allocate(bytes, 4096);
  }

  /// Resets the driver's own side and activates the device.
  public DriverFixture activate() {
    freshQueues();
    device.activate(activation());
    return this;
  }

  public void freshQueues() {
    queues.clear();
    int[] sizes = device.queueSizes();
    for (int i = 0; i < sizes.length; i++) {
      queues.add(
          new MockDriver(
              memory,
              QUEUES + QUEUE_STRIDE * i,
              sizes[i],
              (features & VirtioFeatures.VIRTIO_F_EVENT_IDX) != 0));
    }
  }

  public Activation activation() {
    List<@Nullable QueueSetup> setups = new ArrayList<>();
    for (MockDriver queue : queues) {
      setups.add(
          new QueueSetup(
              queue.size(), queue.descriptorTable(), queue.availRing(), queue.usedRing()));
    }
    return new Activation(features, setups, memory, interrupts, kicks);
  }

  public MockDriver queue(int index) {
    return queues.get(index);
  }

  public void kick() {
    kicks.ring();
  }

  /// Pauses, saves, and continues with a fresh device that knows only the bytes.
  public void rebuild(Function<DriverFixture, VirtioDevice> make) {
    check(device.quiesce(System.nanoTime() + HANG_MILLIS * 1_000_000), "not quiet");
    StateWriter out = new StateWriter();
    device.save(out);
    device.close();
    kicks = new SoftDoorbell();
    interrupts = new RecordingInterrupts();
    device = make.apply(this);
    device.load(new StateReader(out.toByteArray()));
    device.activate(activation());
    device.resume();
  }

  /// Waits for the next used chain of queue `index`.
  public MockDriver.Used used(int index) {
    MockDriver queue = queues.get(index);
    await("something used in queue " + index, () -> queue.usedWaits());
    MockDriver.Used used = queue.takeUsed();
    if (used == null) {
      throw new AssertionError("nothing used");
    }
    return used;
  }

  /// Waits for `condition`.
  public void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + HANG_MILLIS * 1_000_000;
    while (!condition.getAsBoolean()) {
      check(failures.isEmpty(), "the device's thread died: " + failures.peek());
      check(System.nanoTime() < deadline, "waited too long for " + what);
      pause();
    }
  }

  /// A moment for threads of others.
  public static void pause() {
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  public void fill(long gpa, int... values) {
    MemorySegment target = memory.writable(gpa, values.length);
    for (int i = 0; i < values.length; i++) {
      target.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) values[i]);
    }
  }

  public byte[] bytes(long gpa, int length) {
    return memory.readable(gpa, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
  }

  @Override
  public void close() {
    device.close();
  }
}
