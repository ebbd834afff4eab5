package dev.javisor.vmm.bus;

import java.util.ArrayList;
import java.util.List;

/// One address space, ports or MMIO, split among devices. Frozen before the first vCPU runs, so
/// look-ups take no lock. Reading where nothing sits gives all ones, as an x86 bus does; writing
/// there does nothing. An access belongs to the device at its first byte.
public final class Bus implements Device {
  private final String name;
  private final List<Attachment> building = new ArrayList<>();
  private long[] bases = {};
  private long[] ends = {};
  private Device[] devices = {};
  private boolean frozen;

  private record Attachment(AddressRange range, Device device) {}

  /// @param name for messages: `port`, `mmio`
  public Bus(String name) {
    this.name = name;
  }

  /// @throws IllegalStateException if `range` overlaps a device already attached, or after
  /// [#freeze]
  public void attach(AddressRange range, Device device) {
    if (frozen) {
      throw new IllegalStateException(name + " bus is frozen");
    }
    for (Attachment other : building) {
      if (other.range.overlaps(range)) {
        throw new IllegalStateException(
            "%s bus: %s overlaps %s".formatted(name, range, other.range));
      }
    }
    building.add(new Attachment(range, device));
  }

  /// From here on the map is what it is. Publish the bus to vCPU threads after this.
  public void freeze() {
    building.sort((a, b) -> Long.compare(a.range.base(), b.range.base()));
    bases = building.stream().mapToLong(a -> a.range.base()).toArray();
    ends = building.stream().mapToLong(a -> a.range.end()).toArray();
    devices = building.stream().map(Attachment::device).toArray(Device[]::new);
    frozen = true;
  }

  @Override
  public long read(long address, int size) {
    int at = find(address);
    return at < 0 ? Device.allOnes(size) : devices[at].read(address - bases[at], size);
  }

  @Override
  public void write(long address, int size, long value) {
    int at = find(address);
    if (at >= 0) {
      devices[at].write(address - bases[at], size, value);
    }
  }

  private int find(long address) {
    assert frozen : name + " bus is not frozen yet";
    int low = 0;
    int high = bases.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (address < bases[middle]) {
        high = middle - 1;
      } else if (address >= ends[middle]) {
        low = middle + 1;
      } else {
        return middle;
      }
    }
    return -1;
  }
}
