package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Place;
import dev.javisor.x86.nativecode.HostStub;
import dev.javisor.x86.table.Access;
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

  /// TF would stop the host after each instruction, AC trip it.
  private static final long NOT_TO_POP = 0x100 | 0x40000;

  private final SplittableRandom random;
  private final CaseRegisters registers = new CaseRegisters();
  private final Pointers pointers;
  private final Encoded encoded;
  private final Instruction instruction;
  private final Form form;
  private final int slot;
  private final boolean calm;
  private final boolean countInCl;
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
    calm = isCalm(form);
    countInCl =
        form.flags().keptAtZero()
            && form.operands().stream()
                .anyMatch(o -> o.kind() == Kind.GENERAL && o.register() == 1);
  }

  /// Whether cases must find what they read from memory: flags and branch targets.
  static boolean isCalm(Form form) {
    return form.mnemonic().startsWith("popf") || isIndirect(form);
  }

  private static boolean isIndirect(Form form) {
    return form.is(Attribute.END)
        && form.is(Attribute.F64)
        && (form.mnemonic().equals("ret")
            || form.operands().stream().anyMatch(o -> o.kind() == Kind.E));
  }

  /// Puts a case into memory.
  ///
  /// @param turn how many cases the form has had
  void make(int turn, MemorySegment into, long offset) {
    memory = into;
    at = offset;
    registers.reset();
    pointers.begin(encoded, GuestMap.instruction(slot), layout.hotBytes(), calm);
    fillRegisters();
    pointers.placeImplied(calm);
    placeValues(turn);
    adjust();
    pointers.placeOperand(calm);
    if (layout.fx()) {
      FloatingPoint.fill(memory, at + CaseLayout.FX, random);
    }
    fillHot(turn);
    store();
  }

  private void fillRegisters() {
    for (int i = 0; i < 16; i++) {
      int choice = random.nextInt();
      registers.set(i, (choice & 3) == 0 ? Values.integer(8, choice >>> 8) : random.nextLong());
    }
  }

  private void placeValues(int turn) {
    int number = 0;
    for (Place place : encoded.places()) {
      if (place.file() == Place.File.GENERAL) {
        registers.setLow(place.register(), place.bytes(), value(place.bytes(), turn, number++));
      } else if (place.file() == Place.File.HIGH_BYTE) {
        registers.setHighByte(place.register(), value(1, turn, number++));
      } else if (place.file() == Place.File.MEMORY) {
        number++;
      }
    }
    if (countInCl) {
      registers.setLow(CaseRegisters.RCX, 1, Values.count(turn, random));
    }
  }

  /// Pairs of corners for the first two operands until all were had.
  private long value(int bytes, int turn, int number) {
    int width = Math.min(bytes, Long.BYTES);
    if (turn < Values.CORNERS * Values.CORNERS && number < 2) {
      return Values.integer(width, number == 0 ? turn : turn / Values.CORNERS);
    }
    int choice = random.nextInt();
    return (choice & 3) == 0 ? Values.integer(width, choice >>> 8) : Values.any(random);
  }

  private void adjust() {
    if (instruction.isRepeated()) {
      adjustCount();
    }
    if (form.is(Attribute.DE)) {
      adjustDividend();
    }
    if (form.is(Attribute.BITS) && instruction.isMemory() && !isSolvable()) {
      registers.set(instruction.reg(), random.nextInt(256));
    }
    if (form.mnemonic().startsWith("loop") || form.mnemonic().endsWith("cxz")) {
      registers.setLow(CaseRegisters.RCX, instruction.addressBytes(), random.nextInt(3));
    }
    if (isIndirect(form) && !instruction.isMemory() && instruction.modrm() >= 0) {
      registers.pin(instruction.rm(), branchTarget());
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

  /// Few, so that they end in scratch memory; sometimes so many that they do not. The interpreter lets
  /// others in after 4,096, with flags as they are then.
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

  /// A landing; sometimes nothing that can be executed.
  private long branchTarget() {
    int choice = random.nextInt(16);
    if (choice == 0) {
      return GuestMap.SCRATCH + GuestMap.SCRATCH_BYTES + random.nextInt(4096);
    } else if (choice == 1 && encoded.isLong() && Vendor.isIntel()) {
      return 0x0100_0000_0000_0000L | random.nextLong() >>> 8;
    }
    return choice < 8 ? GuestMap.backward(slot) : GuestMap.forward(slot);
  }

  private void fillHot(int turn) {
    long from = at + layout.hot();
    boolean compared = form.is(Attribute.REPZ);
    long same = 0x0101_0101_0101_0101L * (random.nextInt(4) * 85);
    for (int i = 0; i < layout.hotBytes(); i += Long.BYTES) {
      int choice = random.nextInt() & 15;
      long word = choice < 8 ? random.nextLong() : Values.lanes(random);
      memory.set(JAVA_LONG_UNALIGNED, from + i, compared && choice > 0 ? same : word);
    }
    if (compared) {
      registers.set(CaseRegisters.RAX, random.nextInt(4) == 0 ? random.nextLong() : same);
    }
    fillOperand(turn);
    fillImplied();
  }

  /// Where in the case's memory an address of the guest is, -1 if it is not in the hot part.
  private long image(long address, int bytes) {
    long offset = address - GuestMap.SCRATCH - pointers.hot();
    return offset >= 0 && offset + bytes <= layout.hotBytes() ? at + layout.hot() + offset : -1;
  }

  private void fillOperand(int turn) {
    int bytes = Pointers.memoryBytes(encoded);
    long where = image(pointers.operand(), Math.max(bytes, Long.BYTES));
    if (where < 0) {
      return;
    }
    if (isIndirect(form)) {
      memory.set(JAVA_LONG_UNALIGNED, where, branchTarget());
    } else if (bytes == CaseLayout.FX_BYTES && !writesMemory()) {
      FloatingPoint.fill(memory, where, random);
    } else if (form.mnemonic().equals("ldmxcsr")) {
      memory.set(JAVA_INT_UNALIGNED, where, random.nextInt() >>> (random.nextInt(8) == 0 ? 0 : 16));
    } else if (form.mnemonic().startsWith("cmpxchg")) {
      fillExpected(where, bytes, turn);
    } else if (bytes <= Long.BYTES && !layout.fx()) {
      memory.set(JAVA_LONG_UNALIGNED, where, memoryValue(bytes, turn));
    }
  }

  private boolean writesMemory() {
    return encoded.places().stream()
        .anyMatch(p -> p.file() == Place.File.MEMORY && p.access() == Access.WRITE);
  }

  private long memoryValue(int bytes, int turn) {
    boolean first =
        encoded.places().isEmpty() || encoded.places().getFirst().file() == Place.File.MEMORY;
    long value = value(Math.max(1, bytes), turn, first ? 0 : 1);
    return bytes == Long.BYTES
        ? value
        : (value & (1L << (8 * bytes)) - 1) | random.nextLong() << (8 * bytes);
  }

  /// What CMPXCHG compares with is there, half of the time.
  private void fillExpected(long where, int bytes, int turn) {
    if (random.nextBoolean()) {
      return;
    }
    if (bytes <= 8 && !form.mnemonic().equals("cmpxchg8b")) {
      memory.set(JAVA_LONG_UNALIGNED, where, registers.get(CaseRegisters.RAX));
      return;
    }
    long low = registers.get(CaseRegisters.RAX);
    long high = registers.get(CaseRegisters.RDX);
    if (bytes == 8) {
      memory.set(JAVA_LONG_UNALIGNED, where, (low & 0xFFFF_FFFFL) | high << 32);
    } else if (image(pointers.operand(), bytes) >= 0) {
      memory.set(JAVA_LONG_UNALIGNED, where, low);
      memory.set(JAVA_LONG_UNALIGNED, where + 8, high);
    }
  }

  private void fillImplied() {
    long where = image(registers.get(CaseRegisters.RSP), Long.BYTES);
    if (where < 0) {
      return;
    }
    if (form.mnemonic().startsWith("popf")) {
      long flags = memory.get(JAVA_LONG_UNALIGNED, where);
      memory.set(JAVA_LONG_UNALIGNED, where, flags & ~NOT_TO_POP);
    } else if (form.mnemonic().equals("ret")) {
      memory.set(JAVA_LONG_UNALIGNED, where, branchTarget());
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
