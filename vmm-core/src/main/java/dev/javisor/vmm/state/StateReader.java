package dev.javisor.vmm.state;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Reads what a [StateWriter] wrote. Everything in it is hostile: each read checks what is left,
/// each length its bound, before anything is allocated. One thread.
public final class StateReader {
  private static final int TYPE_BYTES_MAX = 64;

  private final ByteBuffer bytes;
  private final String where;

  public StateReader(byte[] bytes) {
    this(ByteBuffer.wrap(bytes), "state");
  }

  private StateReader(ByteBuffer bytes, String where) {
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    this.where = where;
  }

  /// The next record, which must be of `type` and `instance` and not newer than `version`.
  public StateReader record(String type, int instance, int version) {
    int nameLength = getShort();
    if (nameLength > TYPE_BYTES_MAX) {
      throw new StateException(where + ": a record type of " + nameLength + " bytes");
    }
    String found = new String(take(nameLength), StandardCharsets.US_ASCII);
    int foundInstance = getInt();
    int foundVersion = getInt();
    if (!found.equals(type) || foundInstance != instance) {
      throw new StateException(
          "%s: expected record %s/%d, found %s/%d"
              .formatted(where, type, instance, found, foundInstance));
    }
    if (foundVersion > version || foundVersion < 1) {
      throw new StateException(
          "%s: record %s/%d has version %d, this build reads 1..%d"
              .formatted(where, type, instance, foundVersion, version));
    }
    return new StateReader(ByteBuffer.wrap(getBytes(Integer.MAX_VALUE)), type + "/" + instance);
  }

  public int getByte() {
    need(1);
    return bytes.get() & 0xFF;
  }

  public boolean getBoolean() {
    int value = getByte();
    if (value > 1) {
      throw new StateException(where + ": a boolean of " + value);
    }
    return value == 1;
  }

  /// A u16.
  public int getShort() {
    need(2);
    return bytes.getShort() & 0xFFFF;
  }

  public int getInt() {
    need(4);
    return bytes.getInt();
  }

  public long getLong() {
    need(8);
    return bytes.getLong();
  }

  /// A count of things, 0..`max`.
  public int getCount(int max) {
    int count = getInt();
    if (count < 0 || count > max) {
      throw new StateException("%s: a count of %d, at most %d".formatted(where, count, max));
    }
    return count;
  }

  public byte[] getBytes(int max) {
    return take(getCount(max));
  }

  public String getString(int maxBytes) {
    return new String(getBytes(maxBytes), StandardCharsets.UTF_8);
  }

  public <T extends Enum<T>> T getEnum(T[] values) {
    return values[getCount(values.length - 1)];
  }

  public boolean hasMore() {
    return bytes.hasRemaining();
  }

  private byte[] take(int count) {
    need(count);
    byte[] taken = new byte[count];
    bytes.get(taken);
    return taken;
  }

  private void need(int count) {
    if (bytes.remaining() < count) {
      throw new StateException(
          "%s: ends %d bytes early".formatted(where, count - bytes.remaining()));
    }
  }
}
