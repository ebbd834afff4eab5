package dev.javisor.images.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Kernels of a few hundred bytes, valid in every header field that counts.
final class TinyKernels {
  static final long PREF_ADDRESS = 0x1000000;
  static final int INIT_SIZE = 0x300000;
  static final int SETUP_SECTS = 1;
  static final int BODY_OFFSET = (SETUP_SECTS + 1) * 512;

  private TinyKernels() {}

  /// A bzImage whose payload follows 16 bytes of code.
  static byte[] bzImage(byte[] payload) {
    int body = (16 + payload.length + 15) & ~15;
    ByteBuffer b = ByteBuffer.allocate(BODY_OFFSET + body).order(ByteOrder.LITTLE_ENDIAN);
    b.put(0x1F1, (byte) SETUP_SECTS);
    b.putInt(0x1F4, body / 16);
    b.putShort(0x1FE, (short) 0xAA55);
    b.putShort(0x200, (short) 0x6AEB); // jmp: its displacement is the header's length
    b.putInt(0x202, 0x53726448);
    b.putShort(0x206, (short) 0x20F);
    b.put(0x211, (byte) 1);
    b.putInt(0x22C, 0x7FFFFFFF);
    b.putInt(0x230, 0x200000);
    b.put(0x234, (byte) 1);
    b.putShort(0x236, (short) 0x7F);
    b.putInt(0x238, 2047);
    b.putInt(0x248, 16);
    b.putInt(0x24C, payload.length);
    b.putLong(0x258, PREF_ADDRESS);
    b.putInt(0x260, INIT_SIZE);
    for (int i = 0; i < 16; i++) {
      b.put(BODY_OFFSET + i, (byte) (0xC0 + i));
    }
    b.put(BODY_OFFSET + 16, payload);
    return b.array();
  }

  static byte[] bzImage() {
    return bzImage("payload".getBytes(StandardCharsets.US_ASCII));
  }

  static final long ELF_GPA = 0x200000;
  static final int ELF_TEXT = 0x180;
  static final int ELF_TEXT_BYTES = 32;
  static final long ELF_ENTRY = ELF_GPA + 8;
  static final long PVH_ENTRY = ELF_GPA + 16;

  /// An ELF of one segment, and one of notes if there are any.
  static byte[] elf(byte[]... notes) {
    int noteBytes = 0;
    for (byte[] note : notes) {
      noteBytes += note.length;
    }
    ByteBuffer b =
        ByteBuffer.allocate(ELF_TEXT + ELF_TEXT_BYTES + noteBytes).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(0, 0x464C457F).putInt(4, 0x010102);
    b.putShort(16, (short) 2).putShort(18, (short) 62).putInt(20, 1);
    b.putLong(24, ELF_ENTRY).putLong(32, 64);
    b.putShort(52, (short) 64).putShort(54, (short) 56).putShort(56, (short) 2);
    program(b, 64, 1, ELF_TEXT, ELF_GPA, ELF_TEXT_BYTES, 0x1000);
    program(b, 64 + 56, 4, ELF_TEXT + ELF_TEXT_BYTES, 0, noteBytes, noteBytes);
    for (int i = 0; i < ELF_TEXT_BYTES; i++) {
      b.put(ELF_TEXT + i, (byte) (0x90 + i));
    }
    b.position(ELF_TEXT + ELF_TEXT_BYTES);
    for (byte[] note : notes) {
      b.put(note);
    }
    return b.array();
  }

  private static void program(
      ByteBuffer b, int at, int type, long offset, long gpa, long fileBytes, long memoryBytes) {
    b.putInt(at, type).putLong(at + 8, offset).putLong(at + 24, gpa);
    b.putLong(at + 32, fileBytes).putLong(at + 40, memoryBytes);
  }

  static byte[] pvhNote() {
    return note("Xen", 18, (int) PVH_ENTRY);
  }

  static byte[] linuxNote() {
    return note("Linux", 0x100, 0);
  }

  private static byte[] note(String owner, int type, int value) {
    int nameBytes = owner.length() + 1;
    ByteBuffer b =
        ByteBuffer.allocate(12 + ((nameBytes + 3) & ~3) + 4).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(nameBytes).putInt(4).putInt(type).put(owner.getBytes(StandardCharsets.US_ASCII));
    b.putInt(b.capacity() - 4, value);
    return b.array();
  }
}
