package dev.javisor.x86.op.vector;

import dev.javisor.x86.state.Cpu;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntToLongFunction;

/// Images of many words in memory, read and written all or nothing. Where a word of the image is,
/// `place` says of its offset.
final class Words {
  private Words() {}

  static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static ByteBuffer load(Cpu cpu, IntToLongFunction place, int bytes) {
    ByteBuffer words = allocate(bytes);
    for (int at = 0; at < bytes; ) {
      int size = size(bytes - at);
      long value = cpu.load(place.applyAsLong(at), size);
      put(words, at, size, value);
      at += size;
    }
    return words;
  }

  static void store(Cpu cpu, IntToLongFunction place, ByteBuffer words) {
    for (int at = 0; at < words.capacity(); ) {
      int size = size(words.capacity() - at);
      cpu.store(place.applyAsLong(at), size, get(words, at, size));
      at += size;
    }
  }

  private static int size(int left) {
    return left >= 8 ? 8 : left >= 4 ? 4 : 2;
  }

  private static void put(ByteBuffer words, int at, int size, long value) {
    switch (size) {
      case 8 -> words.putLong(at, value);
      case 4 -> words.putInt(at, (int) value);
      default -> words.putShort(at, (short) value);
    }
  }

  private static long get(ByteBuffer words, int at, int size) {
    return switch (size) {
      case 8 -> words.getLong(at);
      case 4 -> words.getInt(at);
      default -> words.getShort(at);
    };
  }
}
