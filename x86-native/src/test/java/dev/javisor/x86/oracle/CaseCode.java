package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.javisor.x86.nativecode.CodeWriter;
import dev.javisor.x86.nativecode.ExecutableMemory;
import dev.javisor.x86.nativecode.HostStub;
import dev.javisor.x86.oracle.FaultHandler.Notes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The child's machine code: the slots of the instructions, and the ways into them and out.
///
/// Behind every instruction, before it and further on is a landing: code that notes where it is and
/// leaves. A branch is sent to one of them, so that RIP after it is known.
final class CaseCode {
  private static final int LANDING_BYTES = 17;

  private final MemorySegment slots;
  private final MemorySegment notes;
  private final long leave;
  private final long enterCompatibility;
  private final long handler;

  CaseCode(HostStub stub, Arena arena) {
    slots =
        ExecutableMemory.mapAt(
            GuestMap.SLOTS, (long) GuestMap.SLOT_COUNT * GuestMap.SLOT_BYTES, arena);
    MemorySegment own =
        ExecutableMemory.mapAt(GuestMap.OWN, 2 * ExecutableMemory.PAGE_BYTES, arena);
    notes = own.asSlice(ExecutableMemory.PAGE_BYTES);
    notes.set(JAVA_SHORT, Notes.DATA_SELECTOR, (short) GuestMap.DATA);
    notes.set(JAVA_SHORT, Notes.FAR_POINTER + Integer.BYTES, (short) GuestMap.CS_COMPATIBILITY);
    CodeWriter code = new CodeWriter(own);
    leave = code.address();
    writeDataSegments(code, Notes.NO_SELECTOR);
    code.jump(stub.exit());
    enterCompatibility = code.align().address();
    writeDataSegments(code, Notes.DATA_SELECTOR);
    code.bytes(0xFF, 0x2D).distance(note(Notes.FAR_POINTER)); // jmp far [FAR_POINTER]
    handler = FaultHandler.write(code, notes.address(), leave);
  }

  private long note(int offset) {
    return notes.address() + offset;
  }

  /// DS and ES; SS is flat in both modes, CS comes with the jump.
  private void writeDataSegments(CodeWriter code, int selector) {
    code.bytes(0x8E, 0x1D).distance(note(selector)); // mov ds
    code.bytes(0x8E, 0x05).distance(note(selector)); // mov es
  }

  MemorySegment notes() {
    return notes;
  }

  long handler() {
    return handler;
  }

  void put(int slot, byte[] bytes, boolean longMode) {
    CodeWriter code = new CodeWriter(slots.asSlice((long) slot * GuestMap.SLOT_BYTES));
    writeLanding(code, longMode);
    assert code.address() <= GuestMap.instruction(slot);
    code =
        new CodeWriter(
            slots.asSlice(GuestMap.instruction(slot) - GuestMap.SLOTS, 16 + LANDING_BYTES));
    writeLanding(code.bytes(bytes), longMode);
    writeLanding(
        new CodeWriter(slots.asSlice(GuestMap.forward(slot) - GuestMap.SLOTS, LANDING_BYTES)),
        longMode);
  }

  private void writeLanding(CodeWriter code, boolean longMode) {
    long rip = code.address();
    if (longMode) {
      // mov dword [LEFT_AT], rip: the distance counts from behind the immediate
      code.bytes(0xC7, 0x05).int32(note(Notes.LEFT_AT) - (rip + 10)).int32(rip);
      code.jump(leave);
    } else {
      code.bytes(0xC7, 0x05).int32(note(Notes.LEFT_AT)).int32(rip);
      code.bytes(0xEA).int32(leave).bytes(GuestMap.CS_LONG, 0); // jmp far
    }
  }

  /// Where the stub has to go for a slot.
  long entry(int slot, boolean longMode) {
    if (longMode) {
      return GuestMap.instruction(slot);
    }
    notes.set(JAVA_INT_UNALIGNED, Notes.FAR_POINTER, (int) GuestMap.instruction(slot));
    return enterCompatibility;
  }
}
