package dev.javisor.devices.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Writes ACPI machine language (ACPI 6.5, 20.2): each method returns the bytes of one term, made
/// of the bytes of others. Names are written as in ASL: `_SB`, `\_SB.PCI0`.
final class Aml {
  static final byte[] ZERO = {0x00};
  static final byte[] ONE = {0x01};

  /// Where a result that nobody wants goes.
  private static final byte[] NULL_NAME = {0x00};

  private static final int NAME_BYTES = 4;

  private Aml() {}

  static byte[] name(String name, byte[] value) {
    return join(op(0x08), path(name), value);
  }

  static byte[] scope(String name, byte[]... terms) {
    return join(op(0x10), pkg(path(name), join(terms)));
  }

  static byte[] device(String name, byte[]... terms) {
    return join(op(0x5B, 0x82), pkg(path(name), join(terms)));
  }

  /// @param serialized only one thread at a time; a method that makes named objects needs it
  static byte[] method(String name, int args, boolean serialized, byte[]... terms) {
    byte[] flags = {(byte) (args | (serialized ? 8 : 0))};
    return join(op(0x14), pkg(path(name), flags, join(terms)));
  }

  /// A region of I/O ports.
  static byte[] portRegion(String name, int port, int length) {
    return join(op(0x5B, 0x80), path(name), op(0x01), integer(port), integer(length));
  }

  /// One field of `bits` at the start of `region`, accessed by the byte, other bits written as 0.
  static byte[] byteField(String region, String field, int bits) {
    int flags = 0x01 | 2 << 5;
    return join(
        op(0x5B, 0x81), pkg(path(region), op(flags), segment(field), new byte[] {(byte) bits}));
  }

  static byte[] integer(long value) {
    if (value == 0) {
      return ZERO;
    }
    if (value == 1) {
      return ONE;
    }
    if (value >>> 8 == 0) {
      return join(op(0x0A), little(value, 1));
    }
    if (value >>> 16 == 0) {
      return join(op(0x0B), little(value, 2));
    }
    return value >>> 32 == 0 ? join(op(0x0C), little(value, 4)) : join(op(0x0E), little(value, 8));
  }

  static byte[] string(String value) {
    return join(op(0x0D), value.getBytes(StandardCharsets.US_ASCII), new byte[1]);
  }

  /// A compressed identifier such as `PNP0501` (ACPI 6.5, 19.6.36): three letters of 5 bits, four
  /// hexadecimal digits, big-endian.
  static byte[] eisaId(String id) {
    int letters = (id.charAt(0) - '@') << 10 | (id.charAt(1) - '@') << 5 | (id.charAt(2) - '@');
    int value = letters << 16 | Integer.parseInt(id.substring(3), 16);
    return integer(Integer.toUnsignedLong(Integer.reverseBytes(value)));
  }

  static byte[] buffer(byte[] bytes) {
    return join(op(0x11), pkg(integer(bytes.length), bytes));
  }

  /// A UUID as ASL's `ToUUID` lays it out: its first three fields little-endian.
  static byte[] uuid(String text) {
    UUID uuid = UUID.fromString(text);
    long high = uuid.getMostSignificantBits();
    return buffer(
        join(
            little(high >>> 32, 4),
            little(high >>> 16, 2),
            little(high, 2),
            big(uuid.getLeastSignificantBits())));
  }

  static byte[] packageOf(byte[]... elements) {
    return join(op(0x12), pkg(new byte[] {(byte) elements.length}, join(elements)));
  }

  static byte[] arg(int index) {
    return op(0x68 + index);
  }

  static byte[] local(int index) {
    return op(0x60 + index);
  }

  static byte[] ref(String name) {
    return path(name);
  }

  static byte[] ifTrue(byte[] condition, byte[]... terms) {
    return join(op(0xA0), pkg(condition, join(terms)));
  }

  static byte[] otherwise(byte[]... terms) {
    return join(op(0xA1), pkg(join(terms)));
  }

  static byte[] equal(byte[] left, byte[] right) {
    return join(op(0x93), left, right);
  }

  static byte[] and(byte[] left, byte[] right) {
    return join(op(0x7B), left, right, NULL_NAME);
  }

  static byte[] or(byte[] left, byte[] right, byte[] target) {
    return join(op(0x7D), left, right, target);
  }

  static byte[] store(byte[] source, byte[] target) {
    return join(op(0x70), source, target);
  }

  static byte[] notifyObject(String object, int code) {
    return join(op(0x86), path(object), integer(code));
  }

  /// Names the 32 bits at byte `index` of `buffer`.
  static byte[] dwordField(byte[] buffer, int index, String name) {
    return join(op(0x8A), buffer, integer(index), path(name));
  }

  static byte[] result(byte[] value) {
    return join(op(0xA4), value);
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  static byte[] little(long value, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (value >>> (8 * i));
    }
    return bytes;
  }

  private static byte[] big(long value) {
    return little(Long.reverseBytes(value), Long.BYTES);
  }

  private static byte[] op(int... code) {
    byte[] bytes = new byte[code.length];
    for (int i = 0; i < code.length; i++) {
      bytes[i] = (byte) code[i];
    }
    return bytes;
  }

  /// A NameString (ACPI 6.5, 20.2.2).
  private static byte[] path(String name) {
    boolean root = name.startsWith("\\");
    List<byte[]> parts = new ArrayList<>();
    String[] segments = (root ? name.substring(1) : name).split("\\.");
    if (root) {
      parts.add(op('\\'));
    }
    if (segments.length == 2) {
      parts.add(op(0x2E));
    } else if (segments.length > 2) {
      parts.add(op(0x2F, segments.length));
    }
    for (String segment : segments) {
      parts.add(segment(segment));
    }
    return join(parts.toArray(byte[][]::new));
  }

  private static byte[] segment(String name) {
    assert !name.isEmpty() && name.length() <= NAME_BYTES : name;
    return (name + "_".repeat(NAME_BYTES - name.length())).getBytes(StandardCharsets.US_ASCII);
  }

  /// `contents` behind their PkgLength (ACPI 6.5, 20.2.4), which counts itself.
  private static byte[] pkg(byte[]... contents) {
    byte[] body = join(contents);
    if (body.length + 1 < 0x40) {
      return join(op(body.length + 1), body);
    }
    int extra = body.length + 2 < 1 << 12 ? 1 : body.length + 3 < 1 << 20 ? 2 : 3;
    int length = body.length + 1 + extra;
    return join(op(extra << 6 | (length & 0x0F)), little(length >>> 4, extra), body);
  }
}
