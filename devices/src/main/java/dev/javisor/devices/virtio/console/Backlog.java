package dev.javisor.devices.virtio.console;

import dev.javisor.vmm.backend.ByteConsole;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What a console port's far end has not taken yet: the last [#BYTES_MAX], and how many before
/// them were dropped. The guest cannot be made to wait, see [ConsolePort].
final class Backlog {
  static final int BYTES_MAX = 1 << 20;

  private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

  private @Nullable MemorySegment ring; // made when first needed
  private int start;
  private int length;
  private long dropped;
  private MemorySegment notice = NOTHING; // what is left of a line about dropped bytes

  boolean isEmpty() {
    return length == 0 && notice.byteSize() == 0;
  }

  void add(MemorySegment bytes) {
    MemorySegment into = ring();
    long skip = Math.max(0, bytes.byteSize() - BYTES_MAX);
    MemorySegment kept = bytes.asSlice(skip);
    long over = Math.max(0, length + kept.byteSize() - BYTES_MAX);
    dropped += skip + over;
    take((int) over);
    int end = (start + length) % BYTES_MAX;
    long first = Math.min(kept.byteSize(), BYTES_MAX - end);
    MemorySegment.copy(kept, 0, into, end, first);
    MemorySegment.copy(kept, first, into, 0, kept.byteSize() - first);
    length += (int) kept.byteSize();
  }

  private void take(int bytes) {
    start = (start + bytes) % BYTES_MAX;
    length -= bytes;
  }

  /// Hands over what it can.
  ///
  /// @return false once the far end is closed for good
  boolean drainTo(ByteConsole console) {
    int taken = 0;
    boolean full = false;
    while (!full && taken >= 0 && !(isEmpty() && dropped == 0)) {
      MemorySegment next = next();
      taken = console.write(next);
      full = taken < next.byteSize();
      if (taken > 0) {
        account(next, taken);
      }
    }
    return taken >= 0;
  }

  /// A line where bytes are missing, else the ring up to its end. The line is made anew until the
  /// first of it is taken, so that its number is right.
  private MemorySegment next() {
    if (notice.byteSize() > 0) {
      return notice;
    }
    return dropped > 0 ? line() : ring().asSlice(start, Math.min(length, BYTES_MAX - start));
  }

  private void account(MemorySegment next, int taken) {
    if (notice.byteSize() > 0) {
      notice = next.asSlice(taken);
    } else if (dropped > 0) {
      notice = next.asSlice(taken);
      dropped = 0;
    } else {
      take(taken);
    }
  }

  private MemorySegment line() {
    byte[] text =
        "\r\n[%d bytes of output dropped]\r\n"
            .formatted(dropped)
            .getBytes(StandardCharsets.US_ASCII);
    MemorySegment line = Arena.ofAuto().allocate(text.length);
    line.copyFrom(MemorySegment.ofArray(text));
    return line;
  }

  void clear() {
    length = 0;
    dropped = 0;
    notice = NOTHING;
  }

  void save(StateWriter out) {
    out.putLong(dropped);
    byte[] bytes = new byte[length];
    int first = Math.min(length, BYTES_MAX - start);
    MemorySegment copy = MemorySegment.ofArray(bytes);
    MemorySegment.copy(ring(), start, copy, 0, first);
    MemorySegment.copy(ring(), 0, copy, first, length - first);
    out.putBytes(bytes);
  }

  void load(StateReader in) {
    dropped = Math.max(0, in.getLong());
    byte[] bytes = in.getBytes(BYTES_MAX);
    if (bytes.length > 0) {
      add(MemorySegment.ofArray(bytes)); // makes the ring: a MiB that most consoles never need
    }
  }

  private MemorySegment ring() {
    MemorySegment made = ring;
    if (made == null) {
      made = MemorySegment.ofBuffer(ByteBuffer.allocateDirect(BYTES_MAX));
      ring = made;
    }
    return made;
  }
}
