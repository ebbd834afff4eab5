package dev.javisor.devices.virtio.queue;

import dev.javisor.vmm.memory.GuestFault;
import dev.javisor.vmm.memory.GuestMemory;
import java.nio.ByteBuffer;

/// Reads descriptor chains (virtio 1.3, 2.7.5), each descriptor exactly once.
final class ChainReader {
  /// Linux gives a request at most `seg_max + 2` parts, and a driver must not exceed the queue's
  /// size (virtio 1.3, 2.7.5.3.1). Without this bound every chain in flight could pin 65535
  /// parts.
  static final int INDIRECT_PARTS_MAX = 1024;

  static final int DESCRIPTOR_BYTES = 16;

  private static final int F_NEXT = 1;
  private static final int F_WRITE = 2;
  private static final int F_INDIRECT = 4;

  private static final int TABLE_ENTRIES_MAX = 65535;

  private final GuestMemory memory;
  private final ByteBuffer table;
  private final int size;
  private final boolean indirectNegotiated;

  ChainReader(GuestMemory memory, long tableGpa, int size, boolean indirectNegotiated) {
    this.memory = memory;
    this.table = memory.readableBytes(tableGpa, (long) DESCRIPTOR_BYTES * size);
    this.size = size;
    this.indirectNegotiated = indirectNegotiated;
  }

  /// @param head below the queue's size
  /// @throws GuestFault if the chain is nonsense
  DescriptorChain read(int head) {
    DescriptorChain chain = new DescriptorChain(head);
    walk(chain, table, size, size, head, indirectNegotiated);
    if (chain.readableBytes() + chain.writableBytes() == 0) {
      throw new GuestFault("chain %d: without a single byte".formatted(head));
    }
    return chain;
  }

  /// @param entries how many descriptors `descriptors` holds
  /// @param partsMax how many the chain may have: a longer one can only be a loop
  private void walk(
      DescriptorChain chain,
      ByteBuffer descriptors,
      int entries,
      int partsMax,
      int first,
      boolean mayBeIndirect) {
    int index = first;
    for (int parts = 0; parts < partsMax; parts++) {
      if (index >= entries) {
        throw fault(chain, "descriptor %d of %d", index, entries);
      }
      // The two halves of struct virtq_desc: le64 addr; le32 len, le16 flags, le16 next.
      long gpa = descriptors.getLong(DESCRIPTOR_BYTES * index);
      long rest = descriptors.getLong(DESCRIPTOR_BYTES * index + 8);
      long length = rest & 0xFFFF_FFFFL;
      int flags = (int) (rest >>> 32) & 0xFFFF;
      if ((flags & F_INDIRECT) != 0) {
        checkIndirect(chain, flags, length, mayBeIndirect);
        walkIndirect(chain, gpa, length);
        return;
      }
      add(chain, gpa, length, (flags & F_WRITE) != 0);
      if ((flags & F_NEXT) == 0) {
        return;
      }
      index = (int) (rest >>> 48);
    }
    throw fault(chain, "more than %d descriptors, or a loop among %d", partsMax, entries);
  }

  /// (virtio 1.3, 2.7.5.3): one level, never together with `NEXT`, a whole number of descriptors.
  private static void checkIndirect(
      DescriptorChain chain, int flags, long length, boolean mayBeIndirect) {
    if (!mayBeIndirect) {
      throw fault(chain, "an indirect table inside another, or not negotiated: flags %d", flags, 0);
    }
    if ((flags & F_NEXT) != 0) {
      throw fault(chain, "both INDIRECT and NEXT: flags %d", flags, 0);
    }
    if (length == 0 || length % DESCRIPTOR_BYTES != 0) {
      throw fault(chain, "an indirect table of %d bytes", length, 0);
    }
    if (length / DESCRIPTOR_BYTES > TABLE_ENTRIES_MAX) {
      throw fault(chain, "an indirect table of %d bytes", length, 0);
    }
  }

  private void walkIndirect(DescriptorChain chain, long gpa, long length) {
    int entries = (int) (length / DESCRIPTOR_BYTES);
    ByteBuffer inner = memory.readableBytes(gpa, length);
    walk(chain, inner, entries, Math.min(entries, INDIRECT_PARTS_MAX), 0, false);
  }

  private void add(DescriptorChain chain, long gpa, long length, boolean writable) {
    if (!writable && chain.writableBytes() > 0) {
      throw fault(chain, "a readable part behind a writable one, at 0x%x, %d", gpa, length);
    }
    if (chain.readableBytes() + chain.writableBytes() + length > 0xFFFF_FFFFL) {
      throw fault(chain, "more than 4 GiB, with the part at 0x%x, %d bytes", gpa, length);
    }
    if (length == 0) {
      return; // allowed, carries nothing
    }
    if (writable) {
      chain.addWritable(gpa, memory.writable(gpa, length));
    } else {
      chain.addReadable(memory.readable(gpa, length));
    }
  }

  private static GuestFault fault(DescriptorChain chain, String what, long first, long second) {
    return new GuestFault(("chain %d: " + what).formatted(chain.head(), first, second));
  }
}
