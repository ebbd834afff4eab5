package dev.javisor.devices.virtio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The bytes of a device's configuration space (virtio 1.3, 2.5), little-endian. Any thread.
public final class ConfigSpace {
  private final ByteBuffer bytes;

  /// @param length in bytes, all zero at first
  public ConfigSpace(int length) {
    bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  public int length() {
    return bytes.capacity();
  }

  public synchronized ConfigSpace put8(int offset, int value) {
    bytes.put(offset, (byte) value);
    return this;
  }

  public synchronized ConfigSpace put16(int offset, int value) {
    bytes.putShort(offset, (short) value);
    return this;
  }

  public synchronized ConfigSpace put32(int offset, int value) {
    bytes.putInt(offset, value);
    return this;
  }

  public synchronized ConfigSpace put64(int offset, long value) {
    bytes.putLong(offset, value);
    return this;
  }

  /// 1, 2 or 4 bytes at `offset`, zero-extended.
  public synchronized long read(int offset, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes.get(offset + i) & 0xFF;
    }
    return value;
  }
}
