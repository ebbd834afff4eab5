package dev.javisor.x86.op.vector;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.javisor.x86.code.NoPlatform;
import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Translator;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.state.SlowMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/// A processor with 64 KiB of memory at linear address 0, behind which nothing is; from
/// [#READ_ONLY] on it may not be written. It runs one instruction at a time, in 64-bit mode with
/// SSE switched on.
final class Rig {
  static final int RAM_BYTES = 1 << 16;
  static final int READ_ONLY = 0xF000;

  /// CR0 bits.
  static final long EM = 1 << 2;

  static final long TS = 1 << 3;
  static final long CR0 = 1 << 5 | 1 << 1 | 1;

  /// CR4.OSFXSR and CR4.OSXMMEXCPT.
  static final long CR4 = 1 << 9 | 1 << 10;

  final ByteBuffer ram = ByteBuffer.allocate(RAM_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  final Cpu cpu = new Cpu(MemorySegment.ofBuffer(ram), new Flat(), new NoPlatform());

  Rig() {
    X87.reset(cpu);
    X87.init(cpu);
    cpu.set(Slots.CR0, CR0);
    cpu.set(Slots.CR4, CR4);
  }

  /// Runs one instruction, written in hexadecimal.
  Rig run(String hex) {
    return run(Mode.LONG, hex);
  }

  Rig run(Mode mode, String hex) {
    Instruction i = decode(mode, hex);
    Translator.translate(
            i,
            0,
            true,
            _ -> {
              throw new AssertionError("it goes nowhere");
            })
        .exec(cpu);
    return this;
  }

  static Instruction decode(Mode mode, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    return assertInstanceOf(
        Instruction.class, new Decoder().decode(bytes, 0, bytes.length, mode), hex);
  }

  /// The vector of the exception that an instruction raises.
  int fault(String hex) {
    return assertThrows(CpuFault.class, () -> run(hex), hex).vector();
  }

  Rig xmm(int number, String hex) {
    cpu.set(Registers.xmm(number), Long.parseUnsignedLong(hex.substring(16), 16));
    cpu.set(Registers.xmm(number) + 8, Long.parseUnsignedLong(hex.substring(0, 16), 16));
    return this;
  }

  /// 32 digits, the highest first.
  String xmm(int number) {
    int slot = Registers.xmm(number);
    return "%016x%016x".formatted(cpu.get(slot + 8), cpu.get(slot));
  }

  Rig gpr(int number, long value) {
    cpu.gpr(number, value);
    return this;
  }

  Rig set(int slot, long value) {
    cpu.set(slot, value);
    return this;
  }

  private static final class Flat implements SlowMemory {
    private static void check(Cpu cpu, long address, int size, boolean write) {
      if (address << 16 >> 16 != address) {
        throw cpu.nonCanonical();
      } else if (address < 0 || address + size > (write ? READ_ONLY : RAM_BYTES)) {
        cpu.set(Slots.CR2, address);
        throw cpu.fault(CpuFault.PF, write ? 2 : 0);
      }
    }

    @Override
    public long load(Cpu cpu, long address, int size) {
      check(cpu, address, size, false);
      long value = 0;
      for (int i = size - 1; i >= 0; i--) {
        value = value << 8 | (cpu.ram().get(ValueLayout.JAVA_BYTE, address + i) & 0xFF);
      }
      return value;
    }

    @Override
    public void store(Cpu cpu, long address, int size, long value) {
      check(cpu, address, size, true);
      for (int i = 0; i < size; i++) {
        cpu.ram().set(ValueLayout.JAVA_BYTE, address + i, (byte) (value >> (8 * i)));
      }
    }

    @Override
    public void probeStore(Cpu cpu, long address, int size) {
      check(cpu, address, size, true);
    }

    @Override
    public long atomicOffset(Cpu cpu, long address, int size) {
      return -1;
    }

    @Override
    public void changed(long offset, int size) {}

    @Override
    public void flush(Cpu cpu, boolean global) {}

    @Override
    public void flushPage(Cpu cpu, long address) {}
  }
}
