package dev.javisor.devices.virtio.net;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What one side may leave to the other: partial checksums and large TCP frames (virtio 1.3,
/// 5.1.3). Checks the header in front of a frame, `struct virtio_net_hdr` (virtio 1.3, 5.1.6):
/// `u8 flags, u8 gso_type, le16 hdr_len, gso_size, csum_start, csum_offset, num_buffers`.
record Offloads(boolean checksum, boolean tso4, boolean tso6) {
  static final int HEADER_BYTES = 12;
  static final int ETHERNET_BYTES = 14;

  /// A frame of 64 KiB behind an Ethernet header, and the header of ours (virtio 1.3, 5.1.6.3.1).
  static final int FRAME_BYTES_MAX = 65_562;

  static final int NUM_BUFFERS = 10;

  private static final int FLAG_NEEDS_CSUM = 1;
  private static final int GSO_NONE = 0;
  private static final int GSO_TCPV4 = 1;
  private static final int GSO_TCPV6 = 4;

  /// TSO needs the checksum (virtio 1.3, 5.1.3.1), whatever was negotiated.
  Offloads {
    tso4 &= checksum;
    tso6 &= checksum;
  }

  /// Whether `frame`, header first, asks only for what was agreed, about bytes that it has.
  boolean allow(MemorySegment frame) {
    if (frame.byteSize() < HEADER_BYTES + ETHERNET_BYTES) {
      return false;
    }
    ByteBuffer header = header(frame);
    boolean partial = (header.get(0) & FLAG_NEEDS_CSUM) != 0;
    return (!partial || checksum && checksumEnd(header) <= frame.byteSize())
        && allowsGso(header, partial);
  }

  private static ByteBuffer header(MemorySegment frame) {
    return frame.asSlice(0, HEADER_BYTES).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int checksumEnd(ByteBuffer header) {
    return HEADER_BYTES + u16(header, 6) + u16(header, 8) + 2;
  }

  private boolean allowsGso(ByteBuffer header, boolean partial) {
    return switch (header.get(1) & 0xFF) {
      case GSO_NONE -> true;
      case GSO_TCPV4 -> tso4 && partial && u16(header, 4) > 0;
      case GSO_TCPV6 -> tso6 && partial && u16(header, 4) > 0;
      default -> false; // UFO, USO and ECN are not offered
    };
  }

  private static int u16(ByteBuffer header, int offset) {
    return header.getShort(offset) & 0xFFFF;
  }

  static void setBuffers(MemorySegment frame, int buffers) {
    header(frame).putShort(NUM_BUFFERS, (short) buffers);
  }
}
