package dev.javisor.x86.op;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.system.FarTransfers;
import org.jspecify.annotations.Nullable;

/// Where a far JMP or CALL goes: by a pointer in the instruction, or in memory.
record FarPointer(@Nullable Ea ea, int size, int selector, long offset) {

  static FarPointer of(Context c) {
    int size = c.instruction().operandBytes();
    return c.instruction().isMemory()
        ? new FarPointer(c.ea(), size, 0, 0)
        : new FarPointer(
            null, size, c.instruction().secondImmediate(), c.instruction().immediate());
  }

  void jump(Cpu cpu) {
    long address = ea == null ? 0 : ea.of(cpu, size + 2);
    FarTransfers.jump(cpu, selector(cpu, address), offset(cpu, address));
  }

  void call(Cpu cpu, long next) {
    long address = ea == null ? 0 : ea.of(cpu, size + 2);
    FarTransfers.call(cpu, selector(cpu, address), offset(cpu, address), size, next);
  }

  private int selector(Cpu cpu, long address) {
    return ea == null ? selector : (int) cpu.load16(address + size);
  }

  private long offset(Cpu cpu, long address) {
    return ea == null ? offset : cpu.load(address, size);
  }
}
