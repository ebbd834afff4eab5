package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.linux.call.Syscall;
import dev.javisor.x86.nativecode.ExecutableMemory;
import dev.javisor.x86.nativecode.HostStub;
import dev.javisor.x86.oracle.FaultHandler.Notes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// The half of the oracle that runs cases, in a JVM of its own: `OracleChild FILE`, FILE a [Batch].
/// For each byte on its standard input it runs the batch and answers with a byte; it ends with its
/// input.
final class OracleChild {
  private static final int ARCH_PRCTL = 158;
  private static final int ARCH_SET_GS = 0x1001;
  private static final int PROT_READ_WRITE = 1 | 2;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_FIXED_NOREPLACE = 0x100000;

  private final Arena arena;
  private final Batch batch;
  private final HostStub stub;
  private final CaseCode code;
  private final MemorySegment scratch;

  private OracleChild(Path file, Arena arena) throws IOException {
    this.arena = arena;
    batch = Batch.open(file, arena);
    stub =
        new HostStub(
            ExecutableMemory.mapAt(GuestMap.STUB, HostStub.BYTES_MIN, arena), CaseLayout.STUB);
    code = new CaseCode(stub, arena);
    scratch = mapScratch(arena);
  }

  /// Not executable: a branch that strays there faults.
  private static MemorySegment mapScratch(Arena arena) {
    long address =
        Syscall.invoke(
            Syscall.MMAP,
            GuestMap.SCRATCH,
            GuestMap.SCRATCH_BYTES,
            PROT_READ_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
            -1,
            0);
    Syscall.check(address, "mmap", "scratch memory");
    return MemorySegment.ofAddress(address).reinterpret(GuestMap.SCRATCH_BYTES, arena, null);
  }

  public static void main(String[] arguments) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      new OracleChild(Path.of(arguments[0]), arena).serve();
    }
  }

  private void serve() throws IOException {
    FaultHandler.install(code.handler(), code.notes(), arena);
    Syscall.check(
        Syscall.invoke(ARCH_PRCTL, ARCH_SET_GS, GuestMap.GS_BASE, 0), "arch_prctl", "GS base");
    answer();
    while (System.in.read() >= 0) {
      run();
      answer();
    }
  }

  private static void answer() {
    System.out.write(OracleProcess.ANSWER);
    System.out.flush();
  }

  private void run() {
    boolean longMode = batch.longMode();
    for (int slot = 0; slot < GuestMap.SLOT_COUNT; slot++) {
      byte[] bytes = batch.code(slot);
      if (bytes.length > 0) {
        code.put(slot, bytes, longMode);
      }
    }
    GuestMap.fillScratch(scratch, batch.seed());
    CaseLayout layout = batch.layout();
    int count = batch.count();
    for (int index = batch.first(); index < count; index++) {
      batch.running(index);
      run(Batch.caseAt(index, layout), Batch.resultAt(index, layout), layout, longMode);
    }
    batch.scratch().copyFrom(scratch);
  }

  private void run(long from, long to, CaseLayout layout, boolean longMode) {
    MemorySegment memory = batch.memory;
    int slot = memory.get(JAVA_INT, from + CaseLayout.SLOT);
    int hot = memory.get(JAVA_INT, from + CaseLayout.HOT_OFFSET);
    long entry = code.entry(slot, longMode);
    MemorySegment.copy(memory, from + layout.hot(), scratch, hot, layout.hotBytes());
    Notes.reset(code.notes());
    long base = memory.address();
    stub.run(base + from, base + to, entry, layout.pieces());
    MemorySegment.copy(scratch, hot, memory, to + layout.hot(), layout.hotBytes());
    takeNotes(memory, to);
  }

  private void takeNotes(MemorySegment memory, long to) {
    MemorySegment notes = code.notes();
    long vector = notes.get(JAVA_LONG, Notes.VECTOR);
    boolean faulted = vector != CaseLayout.NO_VECTOR;
    memory.set(JAVA_LONG, to + CaseLayout.VECTOR, vector);
    memory.set(JAVA_LONG, to + CaseLayout.ERROR, faulted ? notes.get(JAVA_LONG, Notes.ERROR) : 0);
    memory.set(
        JAVA_LONG,
        to + CaseLayout.CR2,
        vector == CaseLayout.PAGE_FAULT ? notes.get(JAVA_LONG, Notes.CR2) : 0);
    memory.set(
        JAVA_LONG,
        to + CaseLayout.RIP,
        faulted ? notes.get(JAVA_LONG, Notes.RIP) : notes.get(JAVA_INT, Notes.LEFT_AT));
  }
}
