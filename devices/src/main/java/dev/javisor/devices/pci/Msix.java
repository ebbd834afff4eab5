package dev.javisor.devices.pci;

import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.irq.MsiTarget;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// The message-signalled interrupts of one function (PCI 3.0, 6.8.2): table and pending bits. A
/// masked vector that fires becomes pending and goes out when it is unmasked. The machine's route
/// follows the table when a vector is live, not at each of the writes by which a driver changes a
/// masked one. vCPU threads write, any thread fires.
final class Msix {
  static final int ENTRY_BYTES = 16;

  private static final int ENTRY_WORDS = 4;
  private static final int ADDRESS_LOW = 0;
  private static final int ADDRESS_HIGH = 1;
  private static final int DATA = 2;
  private static final int CONTROL = 3;
  private static final int ENTRY_MASKED = 1;
  private static final int ADDRESS_LOW_MASK = ~3;
  private static final int STATE_VERSION = 1;

  private final int slot;
  private final List<MsiTarget> targets = new ArrayList<>();
  private final int[] table;
  private final BitSet pending = new BitSet();
  private final long[] routedAddress;
  private final int[] routedData;
  private final BitSet routed = new BitSet();
  private boolean enabled;
  private boolean functionMasked;

  /// @param slot the function's, for the name of its record
  Msix(VirtualMachine vm, int vectors, int slot) {
    this.slot = slot;
    this.table = new int[vectors * ENTRY_WORDS];
    this.routedAddress = new long[vectors];
    this.routedData = new int[vectors];
    for (int vector = 0; vector < vectors; vector++) {
      targets.add(vm.createMsi());
      table[vector * ENTRY_WORDS + CONTROL] = ENTRY_MASKED;
    }
  }

  int vectors() {
    return targets.size();
  }

  /// Sends the message of `vector`, or remembers it while that is masked. Nothing happens with
  /// MSI-X off, or for a vector that is none.
  synchronized void fire(int vector) {
    if (!enabled || vector < 0 || vector >= vectors()) {
      return;
    }
    if (functionMasked || masked(vector)) {
      pending.set(vector);
    } else {
      targets.get(vector).signal();
    }
  }

  private boolean masked(int vector) {
    return (table[vector * ENTRY_WORDS + CONTROL] & ENTRY_MASKED) != 0;
  }

  /// The two bits of message control that a driver can write.
  synchronized void control(boolean enable, boolean maskAll) {
    if (!enable) {
      pending.clear();
    }
    enabled = enable;
    functionMasked = maskAll;
    for (int vector = 0; vector < vectors(); vector++) {
      update(vector);
    }
  }

  /// Brings the route in line with a live vector and sends what waited for it.
  private void update(int vector) {
    if (!enabled || functionMasked || masked(vector)) {
      return;
    }
    route(vector);
    if (pending.get(vector)) {
      pending.clear(vector);
      targets.get(vector).signal();
    }
  }

  private void route(int vector) {
    int at = vector * ENTRY_WORDS;
    long address = Integer.toUnsignedLong(table[at]) | (long) table[at + ADDRESS_HIGH] << 32;
    int data = table[at + DATA];
    boolean same =
        routed.get(vector) && routedAddress[vector] == address && routedData[vector] == data;
    if (!same) {
      targets.get(vector).retarget(address, data);
      routed.set(vector);
      routedAddress[vector] = address;
      routedData[vector] = data;
    }
  }

  /// The table: aligned accesses of 4 or 8 bytes.
  Device table() {
    return new Device() {
      @Override
      public long read(long offset, int size) {
        return readTable(offset, size);
      }

      @Override
      public void write(long offset, int size, long value) {
        writeTable(offset, size, value);
      }
    };
  }

  private synchronized long readTable(long offset, int size) {
    if (!natural(offset, size) || offset + size > (long) table.length * 4) {
      return Device.allOnes(size);
    }
    int at = (int) offset / 4;
    long low = Integer.toUnsignedLong(table[at]);
    return size == 4 ? low : low | (long) table[at + 1] << 32;
  }

  private synchronized void writeTable(long offset, int size, long value) {
    if (!natural(offset, size) || offset + size > (long) table.length * 4) {
      return;
    }
    int at = (int) offset / 4;
    store(at, (int) value);
    if (size == 8) {
      store(at + 1, (int) (value >>> 32));
    }
    update(at / ENTRY_WORDS);
  }

  private void store(int at, int value) {
    table[at] =
        switch (at % ENTRY_WORDS) {
          case ADDRESS_LOW -> value & ADDRESS_LOW_MASK;
          case CONTROL -> value & ENTRY_MASKED;
          default -> value;
        };
  }

  private static boolean natural(long offset, int size) {
    return (size == 4 || size == 8) && offset >= 0 && offset % size == 0;
  }

  /// The pending bits, read-only: aligned accesses of 4 or 8 bytes.
  Device pendingBits() {
    return new Device() {
      @Override
      public long read(long offset, int size) {
        return readPending(offset, size);
      }

      @Override
      public void write(long offset, int size, long value) {
        // read-only
      }
    };
  }

  private synchronized long readPending(long offset, int size) {
    if (!natural(offset, size) || offset >= (vectors() + 63L) / 64 * 8) {
      return Device.allOnes(size);
    }
    int first = (int) offset * 8;
    long[] bits = pending.get(first, first + size * 8).toLongArray();
    return bits.length == 0 ? 0 : bits[0];
  }

  synchronized void close() {
    targets.forEach(MsiTarget::close);
  }

  synchronized void save(StateWriter out) {
    out.record(
        "pci-msix",
        slot,
        STATE_VERSION,
        r -> {
          r.putBoolean(enabled);
          r.putBoolean(functionMasked);
          r.putInt(table.length);
          for (int word : table) {
            r.putInt(word);
          }
          r.putBytes(pending.toByteArray());
        });
  }

  /// Becomes the saved table, and routes what is live in it.
  synchronized void load(StateReader in) {
    StateReader r = in.record("pci-msix", slot, STATE_VERSION);
    boolean enable = r.getBoolean();
    boolean maskAll = r.getBoolean();
    int words = r.getCount(table.length);
    for (int i = 0; i < words; i++) {
      store(i, r.getInt());
    }
    pending.clear();
    pending.or(BitSet.valueOf(r.getBytes((vectors() + 7) / 8)));
    pending.clear(vectors(), Math.max(vectors(), pending.length()));
    control(enable, maskAll);
  }
}
