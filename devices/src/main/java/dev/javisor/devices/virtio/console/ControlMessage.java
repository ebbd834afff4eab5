package dev.javisor.devices.virtio.console;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// `struct virtio_console_control` (virtio 1.3, 5.3.6.2): `le32 id, le16 event, le16 value`.
///
/// @param event u16
/// @param value u16
record ControlMessage(int port, int event, int value) {
  static final int BYTES = 8;

  static final int DEVICE_READY = 0;
  static final int PORT_ADD = 1;
  static final int PORT_READY = 3;
  static final int CONSOLE_PORT = 4;
  static final int RESIZE = 5;
  static final int PORT_OPEN = 6;
  static final int PORT_NAME = 7;

  /// @param bytes at least [#BYTES], little-endian
  static ControlMessage parse(ByteBuffer bytes) {
    return new ControlMessage(
        bytes.getInt(0), bytes.getShort(4) & 0xFFFF, bytes.getShort(6) & 0xFFFF);
  }

  MemorySegment encode() {
    return encode(new byte[0]);
  }

  /// The name follows without a NUL.
  MemorySegment encodeWithName(String name) {
    return encode(name.getBytes(StandardCharsets.UTF_8));
  }

  /// `struct virtio_console_resize`: `le16 cols, le16 rows`. (Linux read them the other way round
  /// until 5326ab737a47 in 6.15, and so do older stable kernels without that fix.)
  MemorySegment encodeWithSize(int columns, int rows) {
    return encode(
        new byte[] {(byte) columns, (byte) (columns >> 8), (byte) rows, (byte) (rows >> 8)});
  }

  private MemorySegment encode(byte[] rest) {
    ByteBuffer buffer =
        ByteBuffer.allocate(BYTES + rest.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(port)
            .putShort((short) event)
            .putShort((short) value)
            .put(rest);
    return MemorySegment.ofArray(buffer.array());
  }
}
