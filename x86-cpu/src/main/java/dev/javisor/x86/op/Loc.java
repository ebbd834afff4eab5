package dev.javisor.x86.op;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;

/// Where an operand of 1, 2, 4 or 8 bytes is. Values are sign-extended to 64 bits. Memory has an
/// address that is found first and once; registers do not care for it.
public abstract class Loc {
  private static final int REGISTERS = 16;

  /// 64 less the operand's bits: what sign-extends it.
  final int shift;

  Loc(int bytes) {
    shift = 64 - 8 * bytes;
  }

  int bytes() {
    return (64 - shift) / 8;
  }

  boolean isMemory() {
    return false;
  }

  public boolean isOnStack() {
    return false;
  }

  /// The linear address, for reading alone.
  long address(Cpu cpu) {
    return 0;
  }

  /// The linear address, with the right to write there asserted.
  public long addressForWrite(Cpu cpu) {
    return 0;
  }

  public abstract long read(Cpu cpu, long address);

  public abstract void write(Cpu cpu, long address, long value);

  long read(Cpu cpu) {
    return read(cpu, address(cpu));
  }

  /// What [#read(Cpu)] and [#write] do, for instructions that use the stack as well: an address
  /// that is not canonical is `#SS` for the stack and `#GP` for this operand, unless it is in SS
  /// itself.
  final long readBesideStack(Cpu cpu) {
    try {
      return read(cpu);
    } catch (CpuFault fault) {
      throw besideStack(cpu, fault);
    }
  }

  final void writeBesideStack(Cpu cpu, long address, long value) {
    try {
      write(cpu, address, value);
    } catch (CpuFault fault) {
      throw besideStack(cpu, fault);
    }
  }

  private CpuFault besideStack(Cpu cpu, CpuFault fault) {
    return fault.isNonCanonical() && !isOnStack() ? cpu.fault(CpuFault.GP) : fault;
  }

  /// Zero-extended.
  public final long unsigned(Cpu cpu) {
    return read(cpu) << shift >>> shift;
  }

  final long sign(long value) {
    return value << shift >> shift;
  }

  /// A general register, or its low part.
  static final class Register extends Loc {
    private static final Register[] ALL = new Register[4 * REGISTERS];

    static {
      for (int i = 0; i < ALL.length; i++) {
        ALL[i] = new Register(i % REGISTERS, 1 << i / REGISTERS);
      }
    }

    final int number;

    private Register(int number, int bytes) {
      super(bytes);
      this.number = number;
    }

    /// There is one of each, so that those who ask it find it near.
    static Register of(int number, int bytes) {
      return ALL[Integer.numberOfTrailingZeros(bytes) * REGISTERS + number];
    }

    @Override
    public long read(Cpu cpu, long address) {
      return cpu.signed(number, shift);
    }

    @Override
    public void write(Cpu cpu, long address, long value) {
      cpu.put(number, value, shift);
    }
  }

  /// AH, CH, DH or BH.
  static final class HighByte extends Loc {
    private final int number;

    HighByte(int number) {
      super(1);
      this.number = number;
    }

    @Override
    public long read(Cpu cpu, long address) {
      return (byte) (cpu.gpr(number) >> 8);
    }

    @Override
    public void write(Cpu cpu, long address, long value) {
      cpu.gpr(number, cpu.gpr(number) & ~0xFF00L | (value & 0xFF) << 8);
    }
  }

  /// An immediate, sign-extended already.
  static final class Constant extends Loc {
    final long value;

    Constant(long value, int bytes) {
      super(bytes);
      this.value = value << shift >> shift;
    }

    @Override
    public long read(Cpu cpu, long address) {
      return value;
    }

    @Override
    public void write(Cpu cpu, long address, long newValue) {
      throw new AssertionError("an immediate is not written");
    }
  }

  static final class Memory extends Loc {
    final Ea ea;
    private final int bytes;

    Memory(Ea ea, int bytes) {
      super(bytes);
      this.ea = ea;
      this.bytes = bytes;
    }

    @Override
    boolean isMemory() {
      return true;
    }

    @Override
    public boolean isOnStack() {
      return ea.isOnStack();
    }

    @Override
    long address(Cpu cpu) {
      return ea.of(cpu, bytes);
    }

    @Override
    public long addressForWrite(Cpu cpu) {
      long address = ea.forWrite(cpu, bytes);
      cpu.probeStore(address, bytes);
      return address;
    }

    @Override
    public long read(Cpu cpu, long address) {
      return cpu.load(address, bytes) << shift >> shift;
    }

    @Override
    public void write(Cpu cpu, long address, long value) {
      cpu.store(address, bytes, value);
    }
  }
}
