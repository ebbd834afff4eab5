package dev.javisor.images.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// A bzImage: the setup header that says how it wants to be loaded, then the protected-mode part
/// (boot.rst, "The Real-Mode Kernel Header").
///
/// @param file what it was read from
/// @param setupHeader bytes 0x1f1 up to the header's own end, for the zero page
/// @param bodyOffset where in the file the protected-mode part begins
/// @param bodyBytes its length
/// @param loadGpa where it wants to be: `pref_address`
/// @param initBytes memory it takes from there until it has found its memory map: `init_size`
/// @param initrdEndMax the first address behind the highest an initrd may occupy
/// @param cmdlineBytesMax longest command line, without its NUL
/// @param payloadOffset where in the file the compressed kernel begins
/// @param payloadBytes its length, 0 if the image does not say
public record BzImage(
    BootFile file,
    byte[] setupHeader,
    long bodyOffset,
    long bodyBytes,
    long loadGpa,
    long initBytes,
    long initrdEndMax,
    int cmdlineBytesMax,
    long payloadOffset,
    long payloadBytes)
    implements KernelImage {

  /// How much of the file holds the header: up to where the zero page has other things.
  static final int HEADER_BYTES = 0x290;

  static final int SETUP_HEADER = 0x1F1;
  private static final int SYSSIZE = 0x1F4; // in paragraphs of 16 bytes
  private static final int BOOT_FLAG = 0x1FE;
  private static final int HEADER_LENGTH = 0x201;
  private static final int MAGIC = 0x202;
  private static final int VERSION = 0x206;
  private static final int LOAD_FLAGS = 0x211;
  private static final int INITRD_ADDR_MAX = 0x22C;
  private static final int XLOAD_FLAGS = 0x236;
  private static final int CMDLINE_SIZE = 0x238;
  private static final int PAYLOAD_OFFSET = 0x248;
  private static final int PAYLOAD_LENGTH = 0x24C;
  private static final int PREF_ADDRESS = 0x258;
  private static final int INIT_SIZE = 0x260;
  private static final int FIELDS_END = 0x264;

  private static final int HDRS = 0x53726448; // "HdrS"
  private static final int VERSION_MIN = 0x20C; // xloadflags, and so XLF_KERNEL_64
  private static final int LOADED_HIGH = 1;
  private static final int XLF_KERNEL_64 = 1;
  private static final int SECTOR_BYTES = 512;

  static boolean recognizes(byte[] head) {
    ByteBuffer header = littleEndian(head);
    return head.length >= FIELDS_END
        && header.getShort(BOOT_FLAG) == (short) 0xAA55
        && header.getInt(MAGIC) == HDRS;
  }

  static BzImage read(BootFile file, byte[] head) throws IOException {
    ByteBuffer header = littleEndian(head);
    requireLongMode(file, header);
    long bodyOffset = bodyOffset(header);
    long bodyBytes = Integer.toUnsignedLong(header.getInt(SYSSIZE)) * 16;
    if (bodyBytes == 0 || bodyOffset + bodyBytes > file.size()) {
      throw new IOException(
          "%s: truncated bzImage: its header speaks of %,d bytes, the file has %,d"
              .formatted(file, bodyOffset + bodyBytes, file.size()));
    }
    long payloadOffset = bodyOffset + Integer.toUnsignedLong(header.getInt(PAYLOAD_OFFSET));
    long payloadBytes = Integer.toUnsignedLong(header.getInt(PAYLOAD_LENGTH));
    if (payloadOffset + payloadBytes > bodyOffset + bodyBytes) {
      throw new IOException(file + ": damaged bzImage: its payload leaves it");
    }
    return new BzImage(
        file,
        setupHeader(file, head),
        bodyOffset,
        bodyBytes,
        header.getLong(PREF_ADDRESS),
        Math.max(bodyBytes, Integer.toUnsignedLong(header.getInt(INIT_SIZE))),
        Integer.toUnsignedLong(header.getInt(INITRD_ADDR_MAX)) + 1,
        (int) Math.min(0xFFFF, Integer.toUnsignedLong(header.getInt(CMDLINE_SIZE))),
        payloadOffset,
        payloadBytes);
  }

  private static void requireLongMode(BootFile file, ByteBuffer header) throws IOException {
    int version = header.getShort(VERSION) & 0xFFFF;
    if (version < VERSION_MIN
        || (header.getShort(XLOAD_FLAGS) & XLF_KERNEL_64) == 0
        || (header.get(LOAD_FLAGS) & LOADED_HIGH) == 0) {
      throw new IOException(
          "%s: no 64-bit entry: boot protocol %d.%02d; expected an x86-64 bzImage of 2.12 or newer"
              .formatted(file, version >> 8, version & 0xFF));
    }
  }

  private static long bodyOffset(ByteBuffer header) {
    int setupSectors = header.get(SETUP_HEADER) & 0xFF;
    return ((setupSectors == 0 ? 4 : setupSectors) + 1L) * SECTOR_BYTES;
  }

  private static byte[] setupHeader(BootFile file, byte[] head) throws IOException {
    int end = MAGIC + (head[HEADER_LENGTH] & 0xFF);
    if (end < FIELDS_END || end > head.length) {
      throw new IOException("%s: damaged bzImage: its header ends at 0x%x".formatted(file, end));
    }
    return Arrays.copyOfRange(head, SETUP_HEADER, end);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
