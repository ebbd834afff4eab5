package dev.javisor.devices.virtio.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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
    boolean partial = (frame.get(ValueLayout.JAVA_BYTE, 0) & FLAG_NEEDS_CSUM) != 0;
    return (!partial || checksum && checksumInside(frame)) && allowsGso(frame, partial);
  }

  private static boolean checksumInside(MemorySegment frame) {
    return HEADER_BYTES + u16(frame, 6) + u16(frame, 8) + 2 <= frame.byteSize();
  }

  private boolean allowsGso(MemorySegment frame, boolean partial) {
    return switch (frame.get(ValueLayout.JAVA_BYTE, 1) & 0xFF) {
      case GSO_NONE -> true;
      case GSO_TCPV4 -> tso4 && partial && u16(frame, 4) > 0;
      case GSO_TCPV6 -> tso6 && partial && u16(frame, 4) > 0;
      default -> false; // UFO, USO and ECN are not offered
    };
  }

  private static int u16(MemorySegment frame, int offset) {
    return frame.get(U16, offset) & 0xFFFF;
  }

  static void setBuffers(MemorySegment frame, int buffers) {
    frame.set(U16, NUM_BUFFERS, (short) buffers);
  }
}
