package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Cases by the thousand in memory that test and child share: a head, the instructions, the cases,
/// what the host made of each, and the scratch memory after the last.
final class Batch {
  static final int CASES_MAX = 2048;

  // the head
  private static final int COUNT = 0;
  private static final int FIRST = 4;
  private static final int FX = 8;
  private static final int HOT_BYTES = 12;
  private static final int LONG_MODE = 16;
  private static final int RUNNING = 20;
  private static final int SEED = 24;

  /// A length and 15 bytes for each slot.
  private static final int CODE = 64;

  private static final int CODE_BYTES = 16;
  private static final int CASES = 4096;
  private static final int CASE_BYTES_MAX = new CaseLayout(true, CaseLayout.HOT_BYTES_MAX).bytes();
  private static final int RESULTS = CASES + CASES_MAX * CASE_BYTES_MAX;
  private static final int SCRATCH = RESULTS + CASES_MAX * CASE_BYTES_MAX;
  private static final int BYTES = SCRATCH + GuestMap.SCRATCH_BYTES;

  final MemorySegment memory;

  private Batch(MemorySegment memory) {
    this.memory = memory;
  }

  static Batch create(Path file, Arena arena) throws IOException {
    Files.createFile(file);
    return open(file, arena);
  }

  static Batch open(Path file, Arena arena) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new Batch(channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena));
    }
  }

  /// An empty batch of one mode and layout.
  void begin(boolean longMode, CaseLayout layout, long seed) {
    memory.set(JAVA_INT, COUNT, 0);
    memory.set(JAVA_INT, FX, layout.fx() ? 1 : 0);
    memory.set(JAVA_INT, HOT_BYTES, layout.hotBytes());
    memory.set(JAVA_INT, LONG_MODE, longMode ? 1 : 0);
    memory.set(JAVA_LONG, SEED, seed);
    memory.asSlice(CODE, GuestMap.SLOT_COUNT * CODE_BYTES).fill((byte) 0);
  }

  boolean longMode() {
    return memory.get(JAVA_INT, LONG_MODE) != 0;
  }

  CaseLayout layout() {
    return new CaseLayout(memory.get(JAVA_INT, FX) != 0, memory.get(JAVA_INT, HOT_BYTES));
  }

  long seed() {
    return memory.get(JAVA_LONG, SEED);
  }

  int count() {
    return memory.get(JAVA_INT, COUNT);
  }

  void count(int count) {
    memory.set(JAVA_INT, COUNT, count);
  }

  /// The case to begin with.
  int first() {
    return memory.get(JAVA_INT, FIRST);
  }

  void first(int first) {
    memory.set(JAVA_INT, FIRST, first);
  }

  /// The case that the child runs, or died of.
  int running() {
    return memory.get(JAVA_INT, RUNNING);
  }

  void running(int index) {
    memory.set(JAVA_INT, RUNNING, index);
  }

  void code(int slot, byte[] bytes) {
    long at = CODE + (long) slot * CODE_BYTES;
    memory.set(JAVA_BYTE, at, (byte) bytes.length);
    MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, at + 1, bytes.length);
  }

  /// Empty for a slot that is not used.
  byte[] code(int slot) {
    long at = CODE + (long) slot * CODE_BYTES;
    return memory.asSlice(at + 1, memory.get(JAVA_BYTE, at)).toArray(JAVA_BYTE);
  }

  /// Where a case of the layout is.
  static long caseAt(int index, CaseLayout layout) {
    return CASES + (long) index * layout.bytes();
  }

  static long resultAt(int index, CaseLayout layout) {
    return RESULTS + (long) index * layout.bytes();
  }

  /// Scratch memory as the last case left it.
  MemorySegment scratch() {
    return memory.asSlice(SCRATCH, GuestMap.SCRATCH_BYTES);
  }
}
