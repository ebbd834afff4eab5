package dev.javisor.devices.virtio;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/// Hears everything a device says to its driver.
public final class RecordingInterrupts implements VirtioInterrupts {
  public final AtomicIntegerArray used = new AtomicIntegerArray(64);
  public final AtomicInteger configChanges = new AtomicInteger();
  public final List<String> resetsWanted = new CopyOnWriteArrayList<>();

  @Override
  public void usedBuffers(int index) {
    used.incrementAndGet(index);
  }

  @Override
  public void configChanged() {
    configChanges.incrementAndGet();
  }

  @Override
  public void needsReset(String why) {
    resetsWanted.add(why);
  }
}
