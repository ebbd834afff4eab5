package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Place;
import dev.javisor.x86.nativecode.HostStub;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.Kind;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// Makes cases of one instruction: the first operands take all pairs of corners, case by case, then
/// corners and random values; everything else is filled at random. What an operand needs to be good
/// for something (a quotient that fits, a branch's target) is seen to most of the time.
final class CaseMaker {
  private static final int ALWAYS_SET = 0x202;
  private static final int DF = 0x400;

  private static final int TRIES_MAX = 100_000;

  private final SplittableRandom random;
  private final CaseRegisters registers = new CaseRegisters();
  private final Pointers pointers;
  private final CaseValues values;
  private final CaseImage image;
  private final Encoded encoded;
  private final Instruction instruction;
  private final Form form;
  private final int slot;
  private final boolean calm;
  private final boolean countInCl;
  private final boolean divides;
  private final boolean loops;
  private final boolean bits;
  private final boolean goesToRegister;
  private MemorySegment memory = MemorySegment.NULL;
  private long at;
  private CaseLayout layout;

  CaseMaker(Encoded encoded, int slot, CaseLayout layout, SplittableRandom random) {
    this.random = random;
    this.encoded = encoded;
    this.slot = slot;
    this.layout = layout;
    instruction = encoded.instruction();
    form = instruction.form();
    pointers = new Pointers(random, registers, encoded);
    values = new CaseValues(encoded, slot, random);
    image = new CaseImage(encoded, layout, registers, pointers, values, random);
    calm = isCalm(form);
    divides = form.is(Attribute.DE);
    loops = form.mnemonic().startsWith("loop") || form.mnemonic().endsWith("cxz");
    bits = form.is(Attribute.BITS) && instruction.isMemory();
    goesToRegister = isIndirect(form) && !instruction.isMemory() && instruction.modrm() >= 0;
    countInCl =
        form.flags().keptAtZero()
            && form.operands().stream()
                .anyMatch(o -> o.kind() == Kind.GENERAL && o.register() == 1);
  }

  /// Whether cases must find what they read from memory: flags and branch targets.
  static boolean isCalm(Form form) {
    return form.mnemonic().startsWith("popf") || isIndirect(form);
  }

  /// Whether it goes where a register or memory says.
  static boolean isIndirect(Form form) {
    return form.is(Attribute.END)
        && form.is(Attribute.F64)
        && (form.mnemonic().equals("ret")
            || form.operands().stream().anyMatch(o -> o.kind() == Kind.E));
  }

  /// Puts a case into memory, one that this host can run.
  ///
  /// @param turn how many cases the form has had
  void make(int turn, MemorySegment into, long offset) {
    memory = into;
    at = offset;
    int tries = 0;
    do {
      if (tries == TRIES_MAX) {
        throw new IllegalStateException(encoded + ": no RSP that this host takes");
      }
      make(turn + tries++); // the next corner
      clearUnusedStackBits();
    } while (encoded.isLong() && !HostLimits.takes(registers.get(CaseRegisters.RSP)));
    store();
  }

  /// An address of 32 bits leaves the upper half of its base free.
  private void clearUnusedStackBits() {
    boolean free =
        instruction.isMemory()
            && instruction.addressBytes() == 4
            && instruction.base() == CaseRegisters.RSP;
    if (free && !HostLimits.takesAnyStack()) {
      registers.pin(CaseRegisters.RSP, registers.get(CaseRegisters.RSP) & 0xFFFF_FFFFL);
    }
  }

  private void make(int turn) {
    registers.reset();
    pointers.begin(GuestMap.instruction(slot), layout.hotBytes(), calm);
    fillRegisters();
    pointers.placeImplied(calm);
    placeValues(turn);
    adjust();
    pointers.placeOperand(calm);
    if (layout.fx()) {
      FloatingPoint.fill(memory, at + CaseLayout.FX, random);
    }
    image.fill(turn, memory, at + layout.hot());
  }

  private void fillRegisters() {
    for (int i = 0; i < 16; i++) {
      int choice = random.nextInt();
      registers.set(i, (choice & 3) == 0 ? Values.integer(8, choice >>> 8) : random.nextLong());
    }
    if (!HostLimits.takesAnyStack()) {
      registers.set(CaseRegisters.RSP, registers.get(CaseRegisters.RSP) >> 17);
    }
  }

  private void placeValues(int turn) {
    int number = 0;
    for (Place place : encoded.places()) {
      if (place.file() == Place.File.GENERAL) {
        registers.setLow(
            place.register(), place.bytes(), values.value(place.bytes(), turn, number++));
      } else if (place.file() == Place.File.HIGH_BYTE) {
        registers.setHighByte(place.register(), values.value(1, turn, number++));
      } else if (place.file() == Place.File.MEMORY) {
        number++;
      }
    }
    if (countInCl) {
      registers.setLow(CaseRegisters.RCX, 1, Values.count(turn, random));
    }
  }

  private void adjust() {
    if (instruction.isRepeated()) {
      adjustCount();
    }
    if (divides) {
      adjustDividend();
    }
    if (bits && !isSolvable()) {
      registers.set(instruction.reg(), random.nextInt(256));
    }
    if (loops) {
      registers.setLow(CaseRegisters.RCX, instruction.addressBytes(), random.nextInt(3));
    }
    if (goesToRegister) {
      registers.pin(instruction.rm(), values.branchTarget());
    }
  }

  /// Whether some register of the address is free.
  private boolean isSolvable() {
    int base = instruction.base();
    int index = instruction.index();
    return instruction.addressBytes() != 2
        && ((base >= 0 && base != Instruction.RIP && !registers.isPinned(base))
            || (index >= 0 && !registers.isPinned(index)));
  }

  /// Few, so that they end in scratch memory; sometimes so many that they do not. The interpreter
  /// lets others in after 4,096, with flags as they are then.
  private void adjustCount() {
    int choice = random.nextInt(16);
    long count = choice == 0 ? random.nextInt(4096) : choice == 1 ? 0 : random.nextInt(9);
    registers.setLow(CaseRegisters.RCX, instruction.addressBytes(), count);
  }

  /// A quotient that fits, most of the time.
  private void adjustDividend() {
    int bytes = instruction.opcode() == 0xF6 ? 1 : instruction.operandBytes();
    boolean signed = form.mnemonic().equals("idiv");
    int choice = random.nextInt(8);
    if (choice == 0 || form.mnemonic().startsWith("aa")) {
      return;
    }
    long low = bytes == 1 ? registers.get(0) << 56 : registers.get(0) << (64 - 8 * bytes);
    long high = signed && low < 0 ? -1 : 0;
    high = choice == 1 ? high ^ random.nextInt(16) : high;
    if (bytes == 1) {
      registers.setHighByte(CaseRegisters.RAX, high);
    } else {
      registers.setLow(CaseRegisters.RDX, bytes, high);
    }
  }

  private void store() {
    for (int i = 0; i < 16; i++) {
      long value = registers.get(i);
      boolean wide = encoded.isLong();
      memory.set(
          JAVA_LONG,
          at + CaseLayout.GENERAL + 8L * i,
          wide ? value : i < 8 ? value & 0xFFFF_FFFFL : 0);
    }
    int flags = random.nextInt() & HostStub.FLAGS;
    boolean backwards = random.nextInt(4) == 0;
    memory.set(JAVA_LONG, at + CaseLayout.FLAGS, (backwards ? flags : flags & ~DF) | ALWAYS_SET);
    memory.set(JAVA_LONG, at + CaseLayout.RIP, GuestMap.instruction(slot));
    memory.set(JAVA_LONG, at + CaseLayout.VECTOR, CaseLayout.NO_VECTOR);
    memory.set(JAVA_INT, at + CaseLayout.SLOT, slot);
    memory.set(JAVA_INT, at + CaseLayout.HOT_OFFSET, pointers.hot());
  }
}
