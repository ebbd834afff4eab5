package dev.javisor.x86.code;

import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.x86.block.BlockExecutor;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.mmu.Paging;
import dev.javisor.x86.mmu.PhysicalMemory;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Platform;
import dev.javisor.x86.state.Processors;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.ModeKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A processor with some RAM and nothing else, in flat 32-bit protected mode without paging.
final class BareMachine implements PhysicalMemory, Platform {
  static final int RAM_BYTES = 1 << 16;
  private static final int STACK = 0xF000;

  private final MemorySegment ram = MemorySegment.ofArray(new long[RAM_BYTES / Long.BYTES]);
  final Processors processors = new Processors();
  final CodeCache code = new CodeCache(RAM_BYTES, processors);
  final Cpu cpu;
  final Interpreter interpreter;

  BareMachine(BlockExecutor executor) {
    Paging paging = new Paging(this);
    cpu = new Cpu(ram, paging, this);
    interpreter = new Interpreter(cpu, paging, code, executor);
    processors.join(cpu);
    cpu.cpl(0);
    cpu.set(Slots.CR0, 1);
    for (int segment = Instruction.ES; segment <= Instruction.GS; segment++) {
      int at = Slots.segment(segment);
      cpu.set(at + Slots.LIMIT_IN_SEGMENT, 0xFFFF_FFFFL);
      cpu.set(at + Slots.SELECTOR_IN_SEGMENT, segment == Instruction.CS ? 8 : 16);
      cpu.set(
          at + Slots.ATTRIBUTES_IN_SEGMENT,
          segment == Instruction.CS ? Segment.CODE_32 : Segment.DATA_32);
    }
    cpu.gpr(Cpu.RSP, STACK);
    ModeKey.update(cpu);
  }

  BareMachine put(int gpa, byte... bytes) {
    MemorySegment.copy(bytes, 0, ram, ValueLayout.JAVA_BYTE, gpa, bytes.length);
    return this;
  }

  /// Runs `instructions` from `rip` on; how many were left at the end.
  int run(long rip, int instructions) {
    cpu.set(Slots.RIP, rip);
    return run(instructions);
  }

  int run(int instructions) {
    cpu.budget(instructions);
    cpu.clearKick();
    Interpreter.Stop unused = interpreter.run();
    return cpu.budget();
  }

  @Override
  public MemorySegment ram() {
    return ram;
  }

  @Override
  public boolean isRam(long gpa) {
    return gpa >= 0 && gpa < RAM_BYTES;
  }

  @Override
  public long read(long gpa, int size) {
    return -1L >>> (64 - 8 * size);
  }

  @Override
  public void write(long gpa, int size, long value) {}

  @Override
  public int fetch(long gpa, byte[] into, int size) {
    return 0;
  }

  @Override
  public boolean hasCode(long gpa) {
    return code.hasCode(gpa);
  }

  @Override
  public boolean grantsWrite(Cpu who, long gpa) {
    return code.grantsWrite(who, gpa);
  }

  @Override
  public void written(long gpa, int size) {
    code.written(gpa, size);
  }

  @Override
  public boolean isClean(long gpa) {
    return false;
  }

  @Override
  public void noteDirty(long gpa) {
    // no log is kept
  }

  @Override
  public void completed() {}

  @Override
  public long in(int port, int size) {
    return 0;
  }

  @Override
  public void out(int port, int size, long value) {}

  @Override
  public long readMsr(Cpu who, int index) {
    throw who.fault(CpuFault.GP);
  }

  @Override
  public void writeMsr(Cpu who, int index, long value) {
    throw who.fault(CpuFault.GP);
  }

  @Override
  public void cpuid(Cpu who, int leaf, int subleaf, int[] into) {}

  @Override
  public long tsc(Cpu who) {
    return 0;
  }

  @Override
  public long cr8(Cpu who) {
    return 0;
  }

  @Override
  public void cr8(Cpu who, long value) {}
}
