package dev.javisor.vmm.state;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Writes records: `u16 typeLength, type, u32 instance, u32 version, u32 length, fields`, all
/// little-endian. One thread.
public final class StateWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /// Writes one record; `fields` writes what is in it.
  public void record(String type, int instance, int version, Consumer<StateWriter> fields) {
    StateWriter body = new StateWriter();
    fields.accept(body);
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    putShort(name.length);
    bytes.writeBytes(name);
    putInt(instance);
    putInt(version);
    putBytes(body.toByteArray());
  }

  public void putByte(int value) {
    bytes.write(value);
  }

  public void putBoolean(boolean value) {
    bytes.write(value ? 1 : 0);
  }

  public void putShort(int value) {
    putByte(value);
    putByte(value >>> 8);
  }

  public void putInt(int value) {
    putShort(value);
    putShort(value >>> 16);
  }

  public void putLong(long value) {
    putInt((int) value);
    putInt((int) (value >>> 32));
  }

  /// A `u32` length, then the bytes.
  public void putBytes(byte[] value) {
    putInt(value.length);
    bytes.writeBytes(value);
  }

  public void putString(String value) {
    putBytes(value.getBytes(StandardCharsets.UTF_8));
  }

  public byte[] toByteArray() {
    return bytes.toByteArray();
  }
}
