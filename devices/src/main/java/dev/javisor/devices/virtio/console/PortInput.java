package dev.javisor.devices.virtio.console;

import dev.javisor.vmm.backend.ByteConsole;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// What came from a port's far end and the guest has not taken: read ahead by at most
/// [#BYTES_MAX], so that it can be saved with the machine.
final class PortInput {
  static final int BYTES_MAX = 64 << 10;

  private final ByteConsole console;
  private @Nullable MemorySegment buffer; // made when first needed
  private int from;
  private int to;
  private boolean ended;

  PortInput(ByteConsole console) {
    this.console = console;
  }

  /// Whether something waits; asks the console if not.
  boolean waits() {
    if (from == to) {
      from = 0;
      to = 0;
      fill();
    }
    return from < to;
  }

  /// Whether the stream has ended and its last byte was taken.
  boolean exhausted() {
    return ended && from == to;
  }

  /// Reads on from the console until it gives nothing or the buffer is full.
  void fill() {
    MemorySegment into = buffer();
    while (!ended && to < BYTES_MAX) {
      int got = console.read(into.asSlice(to));
      if (got == 0) {
        return;
      }
      ended = got < 0;
      to += Math.max(got, 0);
    }
  }

  /// At most `limit` bytes, gone from here; valid until the next call.
  MemorySegment take(long limit) {
    int bytes = (int) Math.min(limit, to - from);
    MemorySegment taken = buffer().asSlice(from, bytes);
    from += bytes;
    return taken;
  }

  byte[] bytes() {
    return buffer().asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE);
  }

  void load(byte[] bytes) {
    from = 0;
    to = bytes.length;
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer(), 0, bytes.length);
  }

  private MemorySegment buffer() {
    MemorySegment made = buffer;
    if (made == null) {
      // An arena would take 20 times as long to clear it.
      made = MemorySegment.ofArray(new byte[BYTES_MAX]);
      buffer = made;
    }
    return made;
  }
}
