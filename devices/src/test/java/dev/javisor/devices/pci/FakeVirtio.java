package dev.javisor.devices.pci;

import dev.javisor.devices.virtio.Activation;
import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/// A device that does nothing but remember what its transport asked of it.
final class FakeVirtio implements VirtioDevice {
  private final int[] queueSizes;
  private final byte[] config = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  final List<String> calls = new ArrayList<>();
  final List<Activation> activations = new ArrayList<>();
  final List<Runnable> unfinishedResets = new ArrayList<>();
  boolean answersResets = true;
  int queueInterrupts;

  FakeVirtio(int... queueSizes) {
    this.queueSizes = queueSizes;
    this.queueInterrupts = queueSizes.length;
  }

  /// One whose queues share an interrupt.
  static FakeVirtio sharing(int... queueSizes) {
    FakeVirtio device = new FakeVirtio(queueSizes);
    device.queueInterrupts = 1;
    return device;
  }

  Activation activation() {
    return activations.getLast();
  }

  @Override
  public int deviceId() {
    return 2;
  }

  @Override
  public int[] queueSizes() {
    return queueSizes.clone();
  }

  @Override
  public int queueInterrupts() {
    return queueInterrupts;
  }

  @Override
  public long features() {
    return 1L << 5 | 1L << 9;
  }

  @Override
  public int configBytes() {
    return config.length;
  }

  @Override
  public long readConfig(int offset, int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (config[offset + i] & 0xFFL) << (8 * i);
    }
    return value;
  }

  @Override
  public void writeConfig(int offset, int size, long value) {
    for (int i = 0; i < size; i++) {
      config[offset + i] = (byte) (value >>> (8 * i));
    }
  }

  @Override
  public void activate(Activation activation) {
    calls.add("activate");
    activations.add(activation);
  }

  @Override
  public void reset(Runnable done) {
    calls.add("reset");
    if (answersResets) {
      done.run();
    } else {
      unfinishedResets.add(done);
    }
  }

  @Override
  public boolean quiesce(long deadlineNanos) {
    calls.add("quiesce");
    return true;
  }

  @Override
  public void resume() {
    calls.add("resume");
  }

  @Override
  public void save(StateWriter out) {
    out.record("fake-virtio", 0, 1, r -> r.putBytes(config));
  }

  @Override
  public void load(StateReader in) {
    calls.add("load");
    byte[] saved = in.record("fake-virtio", 0, 1).getBytes(config.length);
    System.arraycopy(saved, 0, config, 0, saved.length);
  }

  @Override
  public void close() {
    calls.add("close");
  }
}
