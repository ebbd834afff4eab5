package dev.javisor.x86.nativecode;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// Writes instructions one behind the other. It knows what machine code here consists of: opcodes
/// as they are, and operands in memory, relative to RIP or to a register (SDM 2, 2.1.5, 2.2.1.6).
public final class CodeWriter {
  private static final int REX_W = 0x48;
  private static final int STORE = 0x89;
  private static final int LOAD = 0x8B;

  private final MemorySegment memory;
  private long at;

  public CodeWriter(MemorySegment memory) {
    this.memory = memory;
  }

  /// Where the next instruction will be.
  public long address() {
    return memory.address() + at;
  }

  /// The next instruction is at a multiple of 16.
  public CodeWriter align() {
    at = (at + 15) & -16;
    return this;
  }

  public CodeWriter bytes(int... values) {
    for (int value : values) {
      memory.set(JAVA_BYTE, at++, (byte) value);
    }
    return this;
  }

  public CodeWriter bytes(byte[] values) {
    MemorySegment.copy(values, 0, memory, JAVA_BYTE, at, values.length);
    at += values.length;
    return this;
  }

  public CodeWriter int32(long value) {
    memory.set(JAVA_INT_UNALIGNED, at, (int) value);
    at += Integer.BYTES;
    return this;
  }

  /// The last field of an instruction: how far `target` is from what follows.
  public CodeWriter distance(long target) {
    long distance = target - (address() + Integer.BYTES);
    assert distance == (int) distance : Long.toHexString(target) + " is out of reach";
    return int32(distance);
  }

  /// JMP.
  public CodeWriter jump(long target) {
    return bytes(0xE9).distance(target);
  }

  /// The general register from, or into, the 8 bytes at `address`.
  CodeWriter load(int register, long address) {
    return bytes(REX_W | register >> 3 << 2, LOAD, 5 | (register & 7) << 3).distance(address);
  }

  CodeWriter store(int register, long address) {
    return bytes(REX_W | register >> 3 << 2, STORE, 5 | (register & 7) << 3).distance(address);
  }

  /// The general register from, or into, the 8 bytes at `offset` from what RAX or RDI holds.
  CodeWriter load(int register, int base, int offset) {
    return bytes(REX_W | register >> 3 << 2, LOAD, 0x80 | (register & 7) << 3 | base).int32(offset);
  }

  CodeWriter store(int register, int base, int offset) {
    return bytes(REX_W | register >> 3 << 2, STORE, 0x80 | (register & 7) << 3 | base)
        .int32(offset);
  }

  /// Leaves room for a short jump over what follows, and later fills it.
  long holdJump(int opcode) {
    bytes(opcode, 0);
    return at;
  }

  CodeWriter land(long held) {
    memory.set(JAVA_BYTE, held - 1, (byte) (at - held));
    return this;
  }
}
