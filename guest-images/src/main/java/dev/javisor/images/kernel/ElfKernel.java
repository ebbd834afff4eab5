package dev.javisor.images.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A 64-bit ELF whose physical addresses say where it goes (System V gABI 4.3, "Program Header").
///
/// @param file what it was read from
/// @param segments what to load, in the file's order
/// @param entry how a processor enters it
public record ElfKernel(BootFile file, List<Segment> segments, Entry entry) implements KernelImage {

  /// One PT_LOAD: `fileBytes` from `offset` at `gpa`, then zeros up to `memoryBytes`.
  public record Segment(long gpa, long offset, long fileBytes, long memoryBytes) {
    long end() {
      return gpa + memoryBytes;
    }
  }

  /// Where a kernel is entered, and in which of two states.
  public sealed interface Entry {
    long rip();

    /// 64-bit mode, RSI names a zero page: `e_entry` of a vmlinux, and of any ELF without the note.
    record LinuxBoot64(long rip) implements Entry {}

    /// 32-bit protected mode, EBX names a `hvm_start_info`: the address in the PVH note.
    record Pvh(long rip) implements Entry {}
  }

  private static final int HEADER_BYTES = 64;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final int PROGRAM_HEADERS_MAX = 64; // a vmlinux has five
  private static final int NOTES_BYTES_MAX = 64 << 10; // a vmlinux has 500 bytes
  private static final int MAGIC = 0x464C457F;
  private static final int CLASS_64_LITTLE_ENDIAN_1 = 0x010102;
  private static final int MACHINE_X86_64 = 62;
  private static final int PT_LOAD = 1;
  private static final int PT_NOTE = 4;
  private static final int NOTE_PHYS32_ENTRY = 18;

  public ElfKernel {
    segments = List.copyOf(segments);
  }

  /// The same kernel, entered otherwise.
  public ElfKernel entered(Entry other) {
    return new ElfKernel(file, segments, other);
  }

  /// The first address behind all of it.
  public long end() {
    return segments.stream().mapToLong(Segment::end).max().orElse(0);
  }

  static boolean recognizes(byte[] head) {
    return head.length >= 4 && littleEndian(head).getInt(0) == MAGIC;
  }

  static ElfKernel read(BootFile file, byte[] head) throws IOException {
    if (head.length < HEADER_BYTES) {
      throw new IOException(file + ": truncated ELF: " + head.length + " bytes");
    }
    ByteBuffer header = littleEndian(head);
    if ((header.getInt(4) & 0xFFFFFF) != CLASS_64_LITTLE_ENDIAN_1
        || header.getShort(18) != MACHINE_X86_64) {
      throw new IOException(
          "%s: an ELF for another machine (class %d, machine %d); expected 64-bit x86-64"
              .formatted(file, header.get(4), header.getShort(18) & 0xFFFF));
    }
    List<Segment> segments = new ArrayList<>();
    Notes notes = new Notes();
    for (ByteBuffer program : programHeaders(file, header)) {
      switch (program.getInt(0)) {
        case PT_LOAD -> addSegment(file, program, segments);
        case PT_NOTE -> notes.readFrom(file, program.getLong(8), program.getLong(32));
        default -> {}
      }
    }
    if (segments.isEmpty()) {
      throw new IOException(file + ": an ELF with nothing to load");
    }
    return new ElfKernel(file, segments, notes.entry(header.getLong(24)));
  }

  private static List<ByteBuffer> programHeaders(BootFile file, ByteBuffer header)
      throws IOException {
    long offset = header.getLong(32);
    int entryBytes = header.getShort(54) & 0xFFFF;
    int count = header.getShort(56) & 0xFFFF;
    if (entryBytes != PROGRAM_HEADER_BYTES || count > PROGRAM_HEADERS_MAX) {
      throw new IOException(
          "%s: damaged ELF: %d program headers of %d bytes".formatted(file, count, entryBytes));
    }
    ByteBuffer table = littleEndian(file.slice(offset, count * entryBytes));
    List<ByteBuffer> headers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      headers.add(table.slice(i * entryBytes, entryBytes).order(ByteOrder.LITTLE_ENDIAN));
    }
    return headers;
  }

  private static void addSegment(BootFile file, ByteBuffer program, List<Segment> segments)
      throws IOException {
    Segment segment =
        new Segment(
            program.getLong(24), program.getLong(8), program.getLong(32), program.getLong(40));
    if (segment.memoryBytes == 0) {
      return;
    }
    if (segment.offset < 0
        || segment.fileBytes < 0
        || segment.fileBytes > file.size() - segment.offset
        || segment.fileBytes > segment.memoryBytes
        || segment.gpa < 0
        || segment.end() < segment.gpa) {
      throw new IOException(
          "%s: damaged ELF: a segment of %,d bytes at file offset 0x%x, %,d bytes at 0x%x"
              .formatted(
                  file, segment.fileBytes, segment.offset, segment.memoryBytes, segment.gpa));
    }
    segments.add(segment);
  }

  /// What the notes say of the entry. A vmlinux has both entries and carries notes of the owner
  /// `Linux`; its 64-bit one is the shorter way.
  private static final class Notes {
    private boolean linux;
    private long pvhEntry = -1;

    void readFrom(BootFile file, long offset, long length) throws IOException {
      if (length < 0 || length > NOTES_BYTES_MAX) {
        throw new IOException("%s: damaged ELF: notes of %,d bytes".formatted(file, length));
      }
      ByteBuffer notes = littleEndian(file.slice(offset, (int) length));
      while (notes.remaining() >= 12) {
        if (!readNote(notes)) {
          throw new IOException(file + ": damaged ELF: a note leaves its segment");
        }
      }
    }

    private boolean readNote(ByteBuffer notes) {
      long nameBytes = Integer.toUnsignedLong(notes.getInt());
      long descBytes = Integer.toUnsignedLong(notes.getInt());
      int type = notes.getInt();
      if (padded(nameBytes) + descBytes > notes.remaining()) {
        return false;
      }
      String owner =
          new String(notes.array(), notes.position(), (int) nameBytes, StandardCharsets.ISO_8859_1);
      int desc = notes.position() + (int) padded(nameBytes);
      linux |= owner.equals("Linux\0");
      if (owner.equals("Xen\0") && type == NOTE_PHYS32_ENTRY && descBytes >= 4) {
        pvhEntry = Integer.toUnsignedLong(notes.getInt(desc));
      }
      notes.position((int) Math.min(notes.limit(), desc + padded(descBytes)));
      return true;
    }

    private static long padded(long bytes) {
      return (bytes + 3) & ~3L;
    }

    Entry entry(long elfEntry) {
      return pvhEntry < 0 || linux ? new Entry.LinuxBoot64(elfEntry) : new Entry.Pvh(pvhEntry);
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
