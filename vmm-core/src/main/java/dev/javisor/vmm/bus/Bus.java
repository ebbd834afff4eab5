package dev.javisor.vmm.bus;

import java.util.ArrayList;
import java.util.List;

/// One address space, ports or MMIO, split among devices. Frozen before the first vCPU runs, so
/// look-ups take no lock. Reading where nothing sits gives all ones, as an x86 bus does; writing
/// there does nothing. An access belongs to the device at its first byte.
public final class Bus implements Device {
  private final String name;
  private final List<Attachment> building = new ArrayList<>();
  private Place[] places = {};
  private boolean frozen;

  /// Where the last access went, since the next mostly goes there too. Threads race for it and may
  /// each find another's.
  private Place last = NOWHERE;

  private static final Place NOWHERE = new Place(0, 0, new Nobody());

  private record Attachment(AddressRange range, Device device) {}

  /// Fields, not accessors: before anything is compiled this is half of what an exit costs.
  private static final class Place {
    final long base;
    final long end;
    final Device device;

    Place(long base, long end, Device device) {
      this.base = base;
      this.end = end;
      this.device = device;
    }
  }

  private static final class Nobody implements Device {
    @Override
    public long read(long offset, int size) {
      return Device.allOnes(size);
    }

    @Override
    public void write(long offset, int size, long value) {
      // lost, as on a bus
    }
  }

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
    places =
        building.stream()
            .map(a -> new Place(a.range.base(), a.range.end(), a.device))
            .toArray(Place[]::new);
    frozen = true;
  }

  @Override
  public long read(long address, int size) {
    Place place = at(address);
    return place.device.read(address - place.base, size);
  }

  @Override
  public void write(long address, int size, long value) {
    Place place = at(address);
    place.device.write(address - place.base, size, value);
  }

  private Place at(long address) {
    Place place = last;
    if (address >= place.base && address < place.end) {
      return place;
    }
    place = find(address);
    last = place;
    return place;
  }

  private Place find(long address) {
    assert frozen : name + " bus is not frozen yet";
    int low = 0;
    int high = places.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (address < places[middle].base) {
        high = middle - 1;
      } else if (address >= places[middle].end) {
        low = middle + 1;
      } else {
        return places[middle];
      }
    }
    return NOWHERE;
  }
}
