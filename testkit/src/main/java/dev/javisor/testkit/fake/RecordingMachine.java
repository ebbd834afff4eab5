package dev.javisor.testkit.fake;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.irq.MsiTarget;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// An engine without a processor: it hands out wires that record and keeps which doorbell hangs at
/// which address. A test plays the guest with [#store]. Any thread.
public final class RecordingMachine implements VirtualMachine {
  private final boolean connects;
  private final Map<Integer, RecordingLine> lines = new TreeMap<>();
  private final List<RecordingMsi> messages = new ArrayList<>();
  private final List<RecordingDoorbell> doorbells = new ArrayList<>();
  private final SortedMap<Long, Doorbell> connected = new TreeMap<>();
  private final List<AddressRange> coalesced = new ArrayList<>();
  private final List<AddressRange> coalescedPorts = new ArrayList<>();
  private int connections;

  /// @param connects whether [#connect] works, as with `ioeventfd`, or is refused
  public RecordingMachine(boolean connects) {
    this.connects = connects;
  }

  @Override
  public synchronized RecordingLine line(int gsi) {
    if (gsi < 0 || gsi > 23) {
      throw new IllegalArgumentException("no GSI " + gsi);
    }
    return lines.computeIfAbsent(gsi, _ -> new RecordingLine());
  }

  @Override
  public synchronized MsiTarget createMsi() {
    RecordingMsi message = new RecordingMsi();
    messages.add(message);
    return message;
  }

  @Override
  public synchronized Doorbell createDoorbell() {
    RecordingDoorbell doorbell = new RecordingDoorbell();
    doorbells.add(doorbell);
    return doorbell;
  }

  @Override
  public synchronized boolean connect(Doorbell doorbell, long gpa, int size) {
    if (!connects) {
      return false;
    }
    if (connected.putIfAbsent(gpa, doorbell) != null) {
      throw new IllegalStateException("0x%x has a doorbell already".formatted(gpa));
    }
    connections++;
    return true;
  }

  @Override
  public synchronized void disconnect(Doorbell doorbell, long gpa, int size) {
    connected.remove(gpa, doorbell);
  }

  @Override
  public synchronized boolean coalescePorts(AddressRange ports) {
    return coalescedPorts.add(ports);
  }

  @Override
  public synchronized boolean coalesce(AddressRange gpas) {
    return coalesced.add(gpas);
  }

  @Override
  public synchronized void separate(AddressRange gpas) {
    if (!coalesced.remove(gpas)) {
      throw new IllegalStateException(gpas + " is not coalesced");
    }
  }

  /// Where stores to memory-mapped registers may wait now.
  public synchronized List<AddressRange> coalesced() {
    return List.copyOf(coalesced);
  }

  public synchronized List<AddressRange> coalescedPorts() {
    return List.copyOf(coalescedPorts);
  }

  /// Does what a guest's store to `gpa` would do without an exit. False if nothing hangs there.
  public boolean store(long gpa) {
    Doorbell doorbell;
    synchronized (this) {
      doorbell = connected.get(gpa);
    }
    if (doorbell == null) {
      return false;
    }
    doorbell.ring();
    return true;
  }

  /// Where doorbells hang now, in rising order.
  public synchronized List<Long> connectedAt() {
    return List.copyOf(connected.keySet());
  }

  /// How many connections were ever made.
  public synchronized int connections() {
    return connections;
  }

  /// In the order they were made.
  public synchronized List<RecordingMsi> messages() {
    return List.copyOf(messages);
  }

  /// In the order they were made.
  public synchronized List<RecordingDoorbell> doorbells() {
    return List.copyOf(doorbells);
  }

  @Override
  public void map(GuestRegion region) {
    // no processor would see it
  }

  @Override
  public void logDirtyPages(GuestRegion region, boolean on) {
    // no processor would write to it
  }

  @Override
  public long[] takeDirtyPages(GuestRegion region) {
    return new long[Math.toIntExact((region.size() / GuestRegion.PAGE_BYTES + 63) / 64)];
  }

  @Override
  public Vcpu createVcpu(int index) {
    throw new UnsupportedOperationException("this machine has no processor");
  }

  @Override
  public void save(StateWriter out) {
    out.record("recording-machine", 0, 1, _ -> {});
  }

  @Override
  public void load(StateReader in) {
    in.record("recording-machine", 0, 1);
  }

  @Override
  public void close() {
    // nothing is held
  }
}
