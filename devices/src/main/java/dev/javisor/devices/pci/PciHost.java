package dev.javisor.devices.pci;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.state.Quiescent;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Bus 0: finds the function that a configuration access is for, and the BAR that a memory access
/// is for. The windows sit on the frozen bus; which BAR is where inside them is a map that is
/// replaced whole, so that look-ups take no lock. A BAR outside the windows, or on top of one in a
/// lower slot, is not mapped.
public final class PciHost implements Quiescent {
  public static final int SLOTS = 32;

  private static final int CONFIG_BYTES = 4096;
  private static final int SLOT_SHIFT = 15;
  private static final int FUNCTION_SHIFT = 12;
  private static final int FUNCTION_MASK = 7;
  private static final int STATE_VERSION = 1;

  private final List<AddressRange> windows;
  private final Slot[] slots;
  private final ConfigPorts ports = new ConfigPorts(this);
  private volatile Mapping[] map = {};

  private static final class Slot {
    final PciFunction function;
    @Nullable AddressRange mapped;

    Slot(PciFunction function) {
      this.function = function;
    }
  }

  private record Mapping(long base, long end, Device bar) {}

  /// @param windows the addresses that reach this bus
  /// @param functions in slots 1 and up; slot 0 is the bridge itself
  public PciHost(List<AddressRange> windows, List<? extends PciFunction> functions) {
    if (functions.size() >= SLOTS) {
      throw new IllegalArgumentException(
          functions.size() + " PCI devices; one bus takes " + (SLOTS - 1));
    }
    this.windows = List.copyOf(windows);
    slots = new Slot[1 + functions.size()];
    slots[0] = new Slot(new HostBridge());
    for (int i = 1; i < slots.length; i++) {
      slots[i] = new Slot(functions.get(i - 1));
    }
  }

  /// Configuration address and data (PCI 3.0, 3.2.2.3.2), eight ports.
  public Device configPorts() {
    return ports;
  }

  /// The configuration space of this bus, 1 MiB (PCIe 5.0, 7.2.2).
  public Device ecam() {
    return new Device() {
      @Override
      public long read(long offset, int size) {
        return readConfig((int) offset, size);
      }

      @Override
      public void write(long offset, int size, long value) {
        writeConfig((int) offset, size, value);
      }
    };
  }

  /// Memory accesses in a window that starts at `base`.
  public Device window(long base) {
    return new Device() {
      @Override
      public long read(long offset, int size) {
        Mapping mapping = find(base + offset);
        return mapping == null
            ? Device.allOnes(size)
            : mapping.bar.read(base + offset - mapping.base, size);
      }

      @Override
      public void write(long offset, int size, long value) {
        Mapping mapping = find(base + offset);
        if (mapping != null) {
          mapping.bar.write(base + offset - mapping.base, size, value);
        }
      }
    };
  }

  private @Nullable Mapping find(long gpa) {
    Mapping[] now = map;
    int low = 0;
    int high = now.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Mapping mapping = now[middle];
      if (gpa < mapping.base) {
        high = middle - 1;
      } else if (gpa >= mapping.end) {
        low = middle + 1;
      } else {
        return mapping;
      }
    }
    return null;
  }

  /// @param address slot, function and register, as ECAM lays them out
  synchronized long readConfig(int address, int size) {
    PciFunction function = function(address, size);
    return function == null
        ? Device.allOnes(size)
        : function.readConfig(address % CONFIG_BYTES, size) & Device.allOnes(size);
  }

  synchronized void writeConfig(int address, int size, long value) {
    PciFunction function = function(address, size);
    if (function != null) {
      int register = address % CONFIG_BYTES;
      function.writeConfig(register, size, (int) value);
      if (ConfigSpace.decides(register)) {
        remap();
      }
    }
  }

  /// Who answers; null if nobody does, or to an access that is not 1, 2 or 4 aligned bytes.
  private @Nullable PciFunction function(int address, int size) {
    boolean natural = (size == 1 || size == 2 || size == 4) && address % size == 0;
    int slot = address >>> SLOT_SHIFT;
    boolean present =
        address >= 0 && slot < slots.length && (address >>> FUNCTION_SHIFT & FUNCTION_MASK) == 0;
    return natural && present ? slots[slot].function : null;
  }

  /// Brings the map in line with what the BARs say, and tells the functions.
  private void remap() {
    List<@Nullable AddressRange> granted = new ArrayList<>();
    for (Slot slot : slots) {
      granted.add(grant(slot.function.decoded(), granted));
    }
    List<Slot> moved = new ArrayList<>();
    for (int i = 0; i < slots.length; i++) {
      Slot slot = slots[i];
      AddressRange range = granted.get(i);
      if (!isSame(slot.mapped, range)) {
        if (slot.mapped != null) {
          slot.function.unmapped();
        }
        slot.mapped = range;
        moved.add(slot);
      }
    }
    if (!moved.isEmpty()) {
      map = sorted();
      moved.forEach(PciHost::announce);
    }
  }

  /// A record's `equals` is linked when it is first called, which takes as long as a hundred
  /// accesses.
  private static boolean isSame(@Nullable AddressRange one, @Nullable AddressRange other) {
    return one == null || other == null
        ? one == other
        : one.base() == other.base() && one.size() == other.size();
  }

  private @Nullable AddressRange grant(
      @Nullable AddressRange wanted, List<@Nullable AddressRange> granted) {
    if (wanted == null) {
      return null;
    }
    return isInWindow(wanted) && !isTaken(wanted, granted) ? wanted : null;
  }

  private boolean isInWindow(AddressRange wanted) {
    for (AddressRange window : windows) {
      if (window.base() <= wanted.base() && wanted.end() <= window.end()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTaken(AddressRange wanted, List<@Nullable AddressRange> granted) {
    for (AddressRange other : granted) {
      if (other != null && other.overlaps(wanted)) {
        return true;
      }
    }
    return false;
  }

  private Mapping[] sorted() {
    List<Mapping> mappings = new ArrayList<>();
    for (Slot slot : slots) {
      AddressRange range = slot.mapped;
      if (range != null) {
        mappings.add(new Mapping(range.base(), range.end(), slot.function.bar()));
      }
    }
    Mapping[] array = mappings.toArray(Mapping[]::new);
    Arrays.sort(array, (a, b) -> Long.compare(a.base, b.base));
    return array;
  }

  private static void announce(Slot slot) {
    if (slot.mapped != null) {
      slot.function.mapped(slot.mapped.base());
    }
  }

  /// Gives back what the functions hold of the machine, after their devices have ended.
  public synchronized void close() {
    for (Slot slot : slots) {
      slot.function.close();
    }
  }

  /// Not under the host's lock: nobody configures while the vCPUs rest, and a drain takes its time.
  @Override
  public boolean quiesce(long deadlineNanos) {
    boolean resting = true;
    for (Slot slot : slots) {
      resting &= slot.function.quiesce(deadlineNanos);
    }
    return resting;
  }

  @Override
  public void resume() {
    for (Slot slot : slots) {
      slot.function.resume();
    }
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.record("pci-host", 0, STATE_VERSION, r -> r.putInt(ports.address()));
    for (Slot slot : slots) {
      slot.function.save(out);
    }
  }

  @Override
  public synchronized void load(StateReader in) {
    ports.address(in.record("pci-host", 0, STATE_VERSION).getInt());
    for (Slot slot : slots) {
      slot.function.load(in);
    }
    remap();
  }
}
