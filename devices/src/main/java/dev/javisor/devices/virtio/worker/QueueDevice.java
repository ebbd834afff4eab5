package dev.javisor.devices.virtio.worker;

import dev.javisor.devices.virtio.Activation;
import dev.javisor.devices.virtio.Activation.QueueSetup;
import dev.javisor.devices.virtio.ConfigSpace;
import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.devices.virtio.queue.DescriptorChain;
import dev.javisor.devices.virtio.queue.Virtqueue;
import dev.javisor.vmm.memory.GuestFault;
import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What all virtio devices share: queues that come and go with their driver, a worker that
/// serves them, one interrupt a queue for all that a look completed, and a [GuestFault] that
/// stops the device instead of the machine (virtio 1.3, 2.1.2). A subclass serves its queues; it
/// is called on the worker's thread unless it says otherwise.
public abstract class QueueDevice implements VirtioDevice {
  private static final int STATE_VERSION = 1;

  private final String name;
  private final int[] queueSizes;
  private final ConfigSpace config;
  private final DeviceWorker worker;
  private final List<@Nullable Virtqueue> queues = new ArrayList<>();
  private volatile @Nullable Activation driver; // written by the worker, or before it starts
  private boolean broken;
  private @Nullable Activation forgotten; // the last driver, to be told if it cannot be forgotten
  private @Nullable StateReader restored; // the queues' part of a loaded state, until activate
  private boolean restoring; // between load and resume

  /// @param name for threads and reports, such as `blk0`
  /// @param queueSizes a power of two for each queue
  /// @param config what the driver sees; the subclass keeps it up to date
  /// @param onFailure told of whatever is thrown that is not the guest's fault; the machine ends
  protected QueueDevice(
      String name, int[] queueSizes, ConfigSpace config, Consumer<Throwable> onFailure) {
    this.name = name;
    this.queueSizes = queueSizes.clone();
    this.config = config;
    this.worker = new DeviceWorker(name, new Serving(), onFailure);
  }

  /// Looks at every queue: woken by a kick, a completion or [#wake].
  protected abstract void serve();

  /// The driver is there, its queues are to be served.
  protected void driverReady(Activation activation) {}

  /// The driver is gone, whatever is held of it is to be forgotten. Its memory may be touched
  /// only by requests that the back end still holds, see [#idle].
  protected void driverGone() {}

  /// Whether the back end holds nothing of the guest's memory.
  protected boolean idle() {
    return true;
  }

  /// Closes the back end, on whichever thread.
  protected abstract void closeBackEnd();

  /// Waits, at most `millis`, until a back end that was closed holds nothing of the host's.
  protected boolean joinBackEnd(long millis) {
    return true;
  }

  /// What there is to save besides the queues. On the machine's thread, while the worker rests.
  protected void saveFields(StateWriter out) {}

  /// The other half of [#saveFields], before the worker starts.
  protected void loadFields(StateReader in) {}

  /// On the thread of [#resume], before the first look.
  protected void resuming() {}

  /// Queue `index`, or null if the driver has not enabled it or is gone.
  protected final @Nullable Virtqueue queue(int index) {
    return index < queues.size() ? queues.get(index) : null;
  }

  /// The driver, or null. Any thread.
  protected final @Nullable Activation driver() {
    return driver;
  }

  /// Whether `featureBit` was negotiated with the driver that is there. Any thread.
  protected final boolean negotiated(long featureBit) {
    Activation present = driver;
    return present != null && present.has(featureBit);
  }

  /// Hands each waiting chain of queue `index` to `handler`. No more than fill the queue once: a
  /// driver that keeps offering must not keep the worker from its tasks and interrupts.
  protected final void drain(int index, BiConsumer<Virtqueue, DescriptorChain> handler) {
    Virtqueue queue = queue(index);
    if (queue == null) {
      return;
    }
    int left = queue.size();
    do {
      queue.pauseKicks();
      for (DescriptorChain chain; left > 0 && (chain = queue.poll()) != null; left--) {
        handler.accept(queue, chain);
      }
    } while (left > 0 && queue.resumeKicks());
    if (left == 0) {
      wake();
    }
  }

  /// Runs `task` on the worker. Any thread.
  protected final void post(Runnable task) {
    worker.post(task);
  }

  /// Has the worker look again. Any thread.
  protected final void wake() {
    worker.wake();
  }

  /// Tells the driver that the configuration space changed. Any thread.
  protected final void configChanged() {
    Activation present = driver;
    if (present != null) {
      present.interrupts().configChanged();
    }
  }

  /// The configuration space. Any thread.
  protected final ConfigSpace config() {
    return config;
  }

  @Override
  public final int configBytes() {
    return config.length();
  }

  @Override
  public final long readConfig(int offset, int size) {
    return config.read(offset, size);
  }

  /// None of ours has a field that the features it offers let a driver write.
  @Override
  public void writeConfig(int offset, int size, long value) {}

  @Override
  public final int[] queueSizes() {
    return queueSizes.clone();
  }

  @Override
  public final void activate(Activation activation) {
    if (restored != null) {
      guarded(activation, () -> begin(activation)); // the worker has not begun
      worker.begin(activation.kicks(), () -> {});
    } else {
      worker.begin(activation.kicks(), () -> guarded(activation, () -> begin(activation)));
    }
  }

  private void begin(Activation activation) {
    queues.clear();
    driver = activation;
    for (@Nullable QueueSetup setup : activation.queues()) {
      queues.add(
          setup == null ? null : new Virtqueue(activation.memory(), setup, activation.features()));
    }
    StateReader state = restored;
    restored = null;
    if (state != null) {
      loadQueues(state);
    }
    driverReady(activation);
  }

  /// Runs `action`; a fault of the guest's asks the driver for a reset and stops serving until
  /// then.
  private void guarded(Activation activation, Runnable action) {
    try {
      action.run();
    } catch (GuestFault fault) {
      broken = true;
      announce(activation);
      activation.interrupts().needsReset(name + ": " + fault.getMessage());
    }
  }

  private void announce(Activation activation) {
    for (int index = 0; index < queues.size(); index++) {
      Virtqueue queue = queues.get(index);
      if (queue != null && queue.takeInterruptRequest()) {
        activation.interrupts().usedBuffers(index);
      }
    }
  }

  @Override
  public final void reset(Runnable done) {
    worker.reset(done);
  }

  @Override
  public final boolean quiesce(long deadlineNanos) {
    return worker.quiesce(deadlineNanos);
  }

  @Override
  public final void resume() {
    resuming();
    post(() -> restoring = false);
    worker.resume();
  }

  @Override
  public final void close() {
    worker.close();
  }

  @Override
  public final boolean join(long millis) {
    long deadline = System.nanoTime() + millis * 1_000_000;
    return worker.join(millis)
        && joinBackEnd(Math.max(0, (deadline - System.nanoTime()) / 1_000_000));
  }

  @Override
  public final void save(StateWriter out) {
    out.record("virtio-" + deviceId(), 0, STATE_VERSION, this::saveAll);
  }

  private void saveAll(StateWriter out) {
    out.putBoolean(driver != null);
    out.putBoolean(broken);
    StateWriter present = new StateWriter();
    for (@Nullable Virtqueue queue : queues) {
      present.putBoolean(queue != null);
      if (queue != null) {
        queue.save(present);
      }
    }
    out.putBytes(present.toByteArray());
    saveFields(out);
  }

  @Override
  public final void load(StateReader in) {
    StateReader record = in.record("virtio-" + deviceId(), 0, STATE_VERSION);
    boolean active = record.getBoolean();
    broken = record.getBoolean();
    byte[] present = record.getBytes(queueSizes.length * 3);
    restored = active ? new StateReader(present) : null;
    loadFields(record);
    restoring = true;
  }

  private void loadQueues(StateReader in) {
    for (@Nullable Virtqueue queue : queues) {
      if (in.getBoolean() != (queue != null)) {
        throw new StateException(name + ": the state's queues are not the driver's");
      }
      if (queue != null) {
        queue.load(in);
      }
    }
  }

  /// What the worker does for the device.
  private final class Serving implements DeviceWorker.Work {
    @Override
    public void look(boolean takeWork) {
      Activation present = driver;
      if (present == null || restoring) {
        return;
      }
      if (takeWork && !broken) {
        guarded(present, QueueDevice.this::serve);
      }
      announce(present);
    }

    @Override
    public boolean idle() {
      return QueueDevice.this.idle();
    }

    @Override
    public void driverGone() {
      forgotten = driver;
      driver = null;
      broken = false;
      queues.clear();
      QueueDevice.this.driverGone();
    }

    @Override
    public void stuck() {
      Activation last = forgotten;
      if (last != null) {
        last.interrupts().needsReset(name + ": its back end does not answer; not reset");
      }
    }

    @Override
    public void ending() {
      closeBackEnd();
    }
  }
}
