package dev.javisor.x86.oracle;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Place;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.Kind;
import dev.javisor.x86.table.Operand;
import java.util.SplittableRandom;

/// Chooses the addresses of a case: most in the hot part of scratch memory, some across its ends or
/// not canonical; and sets base, index and implied registers so that the instruction arrives there.
final class Pointers {
  private static final int EDGE_LOW = 0;
  private static final int PAGE_CROSSING = 4096 - 128;
  private static final int MIDDLE = 2 * 4096;
  private static final int MARGIN = 64;

  /// What ENTER may push, and may read of enclosing frames.
  private static final int WIDE_MARGIN = 288;

  /// Addresses that no processor has, whatever the depth of its page tables.
  private static final long NOT_CANONICAL = 0x0180_0000_0000_0000L;

  private static final int ADDRESS_16 = 2;

  private final SplittableRandom random;
  private final CaseRegisters registers;
  private final Encoded encoded;
  private final int bytes;
  private final int alignment;
  private final boolean isAtomic;
  private final boolean isBitString;
  private final boolean isEnter;
  private long rip;
  private int hotBytes;
  private int hot;

  /// Where the operand that ModRM names is, -1 without one.
  private long operand;

  Pointers(SplittableRandom random, CaseRegisters registers, Encoded encoded) {
    this.random = random;
    this.registers = registers;
    this.encoded = encoded;
    bytes = memoryBytes(encoded);
    isAtomic = isAtomic(encoded.instruction());
    alignment = alignment(encoded);
    isBitString = encoded.instruction().form().is(Attribute.BITS);
    isEnter = encoded.instruction().form().mnemonic().equals("enter");
  }

  /// Where in scratch memory the hot part is.
  int hot() {
    return hot;
  }

  long operand() {
    return operand;
  }

  /// Begins a case; the instruction is at `instructionAddress`.
  ///
  /// @param calm for a case that must not fault through its addresses
  void begin(long instructionAddress, int hotSize, boolean calm) {
    rip = instructionAddress;
    hotBytes = hotSize;
    operand = -1;
    Instruction i = encoded.instruction();
    boolean fixed = i.displacementBytes() > 0 && !hasRegisters(i);
    int choice = calm || fixed ? 0 : random.nextInt(8);
    hot =
        switch (choice) {
          case 5 -> EDGE_LOW;
          case 6 -> PAGE_CROSSING;
          case 7 -> GuestMap.SCRATCH_BYTES - hotBytes;
          default -> MIDDLE;
        };
  }

  private static boolean hasRegisters(Instruction instruction) {
    return (instruction.base() >= 0 && instruction.base() != Instruction.RIP)
        || instruction.index() >= 0;
  }

  /// The displacement that an instruction gets, all of whose cases share it.
  long displacement(long instructionAddress, boolean calm) {
    Instruction i = encoded.instruction();
    if (hasRegisters(i)) {
      boolean implied = isImplied(i.base()) || isImplied(i.index());
      return implied || random.nextBoolean() ? random.nextInt(-48, 48) : random.nextInt();
    }
    int size = Math.max(1, bytes);
    long target =
        !calm && random.nextInt(8) == 0
            ? GuestMap.SCRATCH + GuestMap.SCRATCH_BYTES - random.nextInt(size + 1)
            : GuestMap.SCRATCH + MIDDLE + MARGIN + random.nextInt(MARGIN);
    target = (target & -alignment) - segmentBase(i);
    return i.base() == Instruction.RIP ? target - instructionAddress - i.length() : target;
  }

  private boolean isImplied(int register) {
    return encoded.instruction().form().implied().stream()
        .anyMatch(o -> o.kind() == Kind.AT && o.register() == register);
  }

  static int memoryBytes(Encoded of) {
    for (Place place : of.places()) {
      if (place.file() == Place.File.MEMORY) {
        return place.bytes();
      }
    }
    return 0;
  }

  /// What an address has to be a multiple of, lest it fault or lock the bus for everyone.
  private static int alignment(Encoded of) {
    Instruction i = of.instruction();
    int size = memoryBytes(of);
    boolean wide = i.form().is(Attribute.ALIGN) || size == CaseLayout.FX_BYTES;
    return isAtomic(i) ? Math.max(1, Integer.highestOneBit(size)) : wide || size == 16 ? 16 : 1;
  }

  private static boolean isAtomic(Instruction i) {
    return i.isLocked() || (i.form().is(Attribute.LOCKS) && i.isMemory());
  }

  static long segmentBase(Instruction i) {
    return i.mode().isLong() && i.override() == Instruction.GS ? GuestMap.GS_BASE : 0;
  }

  /// Somewhere for `size` bytes.
  private long target(int size) {
    long start = GuestMap.SCRATCH + hot;
    int margin = hotBytes == CaseLayout.HOT_BYTES_MAX ? WIDE_MARGIN : MARGIN;
    int room = hotBytes - 2 * margin - size;
    boolean atEdge = hot != MIDDLE && random.nextInt(3) == 0;
    if (atEdge && hot == EDGE_LOW) {
      return start - 1 - random.nextInt(size + 8);
    } else if (atEdge && hot != PAGE_CROSSING) {
      return start + hotBytes - random.nextInt(size + 8);
    } else if (hot == PAGE_CROSSING && random.nextBoolean()) {
      return start + hotBytes / 2 - random.nextInt(size + 1);
    }
    return start + margin + random.nextInt(Math.max(1, room));
  }

  private boolean isWild() {
    return encoded.isLong() && random.nextInt(64) == 0;
  }

  /// Gives the registers of implied memory operands their values: first of all, they are free.
  void placeImplied(boolean calm) {
    Instruction i = encoded.instruction();
    for (Operand each : i.form().operands()) {
      if (each.kind() == Kind.X) {
        placeString(CaseRegisters.RSI, segmentBase(i));
      } else if (each.kind() == Kind.Y) {
        placeString(CaseRegisters.RDI, 0);
      }
    }
    for (Operand each : i.form().implied()) {
      if (each.kind() == Kind.AT) {
        placeAt(each.register(), calm);
      }
    }
    if (isEnter) {
      placeAt(CaseRegisters.RBP, calm);
    }
  }

  private void placeString(int register, long segmentBase) {
    int addressBytes = encoded.instruction().addressBytes();
    if (addressBytes == Long.BYTES && isWild()) {
      registers.pin(register, NOT_CANONICAL | random.nextInt(1 << 30));
      return;
    }
    long value = target(MARGIN / 2) - segmentBase;
    if (encoded.isLong() && addressBytes == 4) {
      value = (value & 0xFFFF_FFFFL) | random.nextLong() << 32;
    }
    registers.pin(register, value);
  }

  private void placeAt(int register, boolean calm) {
    boolean stack = register == CaseRegisters.RSP || register == CaseRegisters.RBP;
    Instruction i = encoded.instruction();
    if (!calm && isWild() && (stack || i.addressBytes() == Long.BYTES)) {
      registers.pin(register, NOT_CANONICAL | random.nextInt(1 << 30));
      return;
    }
    long value = target(32);
    if (stack && (calm || random.nextInt(8) != 0)) {
      value &= -8;
    }
    if (!stack) {
      value -= segmentBase(i);
      if (i.addressBytes() == 4 && encoded.isLong()) {
        value = (value & 0xFFFF_FFFFL) | random.nextLong() << 32;
      }
    }
    if (!registers.isPinned(register)) {
      registers.pin(register, value);
    }
  }

  /// Sends the operand that ModRM names somewhere; last of all, when the other registers of the
  /// address are known.
  void placeOperand(boolean calm) {
    Instruction i = encoded.instruction();
    if (i.addressBytes() == ADDRESS_16) {
      return;
    } else if (!i.isMemory()) {
      operand = i.form().immediate() == Form.Immediate.ADDRESS ? linear(i) : -1;
      return;
    }
    boolean wild = i.addressBytes() == Long.BYTES && hasRegisters(i) && isWild();
    boolean askew = alignment > 1 && !isAtomic && random.nextInt(8) == 0;
    long address =
        wild
            ? NOT_CANONICAL | (random.nextInt(1 << 30) & -16)
            : target(Math.max(1, bytes)) & (askew ? -1 : -alignment);
    solve(i, address - bitsAway() - segmentBase(i));
    operand = linear(i);
    assert operand >>> 33 == 0 || (operand >>> 56 != 0 && operand >>> 56 != 0xFF)
        : encoded + " would go to " + Long.toHexString(operand);
  }

  /// BT with a register addresses memory any distance away.
  private long bitsAway() {
    Instruction i = encoded.instruction();
    if (!isBitString) {
      return 0;
    }
    int bits = 8 * i.operandBytes();
    long offset = registers.get(i.reg()) << (64 - bits) >> (64 - bits);
    return (offset >> Integer.numberOfTrailingZeros(bits)) * i.operandBytes();
  }

  private void solve(Instruction i, long wanted) {
    int base = i.base();
    int index = i.index();
    long rest = wanted - i.displacement();
    if (base >= 0 && base != Instruction.RIP && !registers.isPinned(base)) {
      pinAddress(i, base, rest - (index >= 0 ? registers.get(index) << i.scale() : 0));
    } else if (index >= 0 && !registers.isPinned(index)) {
      pinAddress(i, index, (rest - (base >= 0 ? registers.get(base) : 0)) >> i.scale());
    }
  }

  /// Bits that the address size leaves out may be anything.
  private void pinAddress(Instruction i, int register, long value) {
    if (i.addressBytes() == Long.BYTES) {
      registers.pin(register, value);
    } else {
      registers.pin(
          register, (value & 0xFFFF_FFFFL) | (encoded.isLong() ? random.nextLong() << 32 : 0));
    }
  }

  private long linear(Instruction i) {
    long address = i.displacement() + bitsAway();
    if (i.base() == Instruction.RIP) {
      address += rip + i.length();
    } else if (i.base() >= 0) {
      address += registers.get(i.base());
    }
    if (i.index() >= 0) {
      address += registers.get(i.index()) << i.scale();
    }
    return segmentBase(i) + (i.addressBytes() == 4 ? address & 0xFFFF_FFFFL : address);
  }
}
