package dev.javisor.devices.virtio.rng;

import dev.javisor.devices.virtio.ConfigSpace;
import dev.javisor.devices.virtio.queue.DescriptorChain;
import dev.javisor.devices.virtio.queue.Virtqueue;
import dev.javisor.devices.virtio.worker.QueueDevice;
import dev.javisor.vmm.backend.EntropySource;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// virtio-rng (virtio 1.3, 5.4): fills what the driver offers.
public final class RngDevice extends QueueDevice {
  /// A chain may name one page many times and so promise gigabytes; one request gets this.
  static final long REQUEST_BYTES_MAX = 64 << 10;

  private static final int DEVICE_ID = 4;
  private static final int REQUESTS = 0;
  private static final int QUEUE_SIZE = 64;

  private final EntropySource source;

  /// @param name for threads and reports
  /// @param onFailure ends the machine
  public RngDevice(String name, EntropySource source, Consumer<Throwable> onFailure) {
    super(name, new int[] {QUEUE_SIZE}, new ConfigSpace(0), onFailure);
    this.source = source;
  }

  @Override
  protected void serve() {
    drain(REQUESTS, this::fill);
  }

  private void fill(Virtqueue requests, DescriptorChain chain) {
    long bytes = Math.min(chain.writableBytes(), REQUEST_BYTES_MAX);
    for (MemorySegment part : chain.writable(0, bytes)) {
      source.fill(part);
    }
    requests.complete(chain);
  }

  @Override
  protected void closeBackEnd() {
    // the source is everybody's
  }

  @Override
  public int deviceId() {
    return DEVICE_ID;
  }

  @Override
  public long features() {
    return 0;
  }
}
