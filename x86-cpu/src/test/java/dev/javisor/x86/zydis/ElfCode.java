package dev.javisor.x86.zydis;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// The executable sections of an ELF file of either class (System V ABI, chapter 4).
final class ElfCode {
  private static final int PROGBITS = 1;
  private static final int EXECUTABLE = 4;

  private final ByteBuffer file;
  private final boolean wide;

  private ElfCode(byte[] bytes) {
    file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (file.getInt(0) != 0x464C457F) {
      throw new IllegalArgumentException("no ELF file");
    }
    wide = file.get(4) == 2;
  }

  static List<byte[]> sections(byte[] bytes) {
    return new ElfCode(bytes).sections();
  }

  private List<byte[]> sections() {
    List<byte[]> sections = new ArrayList<>();
    int header = wide ? (int) file.getLong(0x28) : file.getInt(0x20);
    int size = file.getShort(wide ? 0x3A : 0x2E);
    int count = file.getShort(wide ? 0x3C : 0x30) & 0xFFFF;
    for (int i = 0; i < count; i++) {
      int at = header + i * size;
      long flags = wide ? file.getLong(at + 8) : file.getInt(at + 8);
      if (file.getInt(at + 4) == PROGBITS && (flags & EXECUTABLE) != 0) {
        sections.add(section(at));
      }
    }
    return sections;
  }

  private byte[] section(int at) {
    int offset = wide ? (int) file.getLong(at + 0x18) : file.getInt(at + 0x10);
    int size = wide ? (int) file.getLong(at + 0x20) : file.getInt(at + 0x14);
    byte[] bytes = new byte[size];
    file.get(offset, bytes);
    return bytes;
  }
}
