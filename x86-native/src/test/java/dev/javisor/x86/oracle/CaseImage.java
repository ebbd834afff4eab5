package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.javisor.x86.decode.Place;
import dev.javisor.x86.table.Access;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// Fills the hot part of scratch memory for a case: random words and corners, and where the
/// instruction reads what it needs to be good for something.
final class CaseImage {
  /// TF would stop the host after each instruction, AC trip it.
  private static final long NOT_TO_POP = 0x100 | 0x40000;

  /// What the operand that ModRM names has to be.
  private enum Operand {
    TARGET,
    FX_IMAGE,
    MXCSR,
    EXPECTED,
    NUMBER,
    ANYTHING
  }

  private final SplittableRandom random;
  private final CaseRegisters registers;
  private final Pointers pointers;
  private final CaseValues values;
  private final CaseLayout layout;
  private final Operand operand;
  private final int bytes;
  private final int number;
  private final boolean compares;
  private final boolean popsFlags;
  private final boolean returns;
  private MemorySegment memory = MemorySegment.NULL;
  private long start;

  CaseImage(
      Encoded encoded,
      CaseLayout layout,
      CaseRegisters registers,
      Pointers pointers,
      CaseValues values,
      SplittableRandom random) {
    this.random = random;
    this.registers = registers;
    this.pointers = pointers;
    this.values = values;
    this.layout = layout;
    Form form = encoded.instruction().form();
    bytes = Pointers.memoryBytes(encoded);
    operand = operand(encoded, layout, bytes);
    number =
        !encoded.places().isEmpty() && encoded.places().getFirst().file() == Place.File.MEMORY
            ? 0
            : 1;
    compares = form.is(Attribute.REPZ);
    popsFlags = form.mnemonic().startsWith("popf");
    returns = form.mnemonic().equals("ret");
  }

  private static Operand operand(Encoded encoded, CaseLayout layout, int bytes) {
    Form form = encoded.instruction().form();
    boolean written =
        encoded.places().stream()
            .anyMatch(p -> p.file() == Place.File.MEMORY && p.access() == Access.WRITE);
    if (CaseMaker.isIndirect(form)) {
      return Operand.TARGET;
    } else if (bytes == CaseLayout.FX_BYTES && !written) {
      return Operand.FX_IMAGE;
    } else if (form.mnemonic().equals("ldmxcsr")) {
      return Operand.MXCSR;
    } else if (form.mnemonic().startsWith("cmpxchg")) {
      return Operand.EXPECTED;
    }
    return bytes <= Long.BYTES && !layout.fx() ? Operand.NUMBER : Operand.ANYTHING;
  }

  /// @param at where in `into` the image begins
  void fill(int turn, MemorySegment into, long at) {
    memory = into;
    start = at;
    if (compares) {
      fillAlike();
    } else {
      for (int i = 0; i < layout.hotBytes(); i += Long.BYTES) {
        long word = (i & 24) == 0 ? Values.lanes(random) : random.nextLong();
        memory.set(JAVA_LONG_UNALIGNED, start + i, word);
      }
    }
    long where = image(pointers.operand(), Math.max(bytes, Long.BYTES));
    if (where >= 0) {
      fillOperand(where, turn);
    }
    if (popsFlags || returns) {
      fillStack();
    }
  }

  /// Much that is equal, so that comparisons go on for a while.
  private void fillAlike() {
    long same = 0x0101_0101_0101_0101L * (random.nextInt(4) * 85);
    for (int i = 0; i < layout.hotBytes(); i += Long.BYTES) {
      boolean other = random.nextInt(16) == 0;
      memory.set(JAVA_LONG_UNALIGNED, start + i, other ? random.nextLong() : same);
    }
    registers.set(CaseRegisters.RAX, random.nextInt(4) == 0 ? random.nextLong() : same);
  }

  /// Where an address of the guest is, -1 if it is not in the hot part.
  private long image(long address, int size) {
    long offset = address - GuestMap.SCRATCH - pointers.hot();
    return offset >= 0 && offset + size <= layout.hotBytes() ? start + offset : -1;
  }

  private void fillOperand(long where, int turn) {
    switch (operand) {
      case TARGET -> memory.set(JAVA_LONG_UNALIGNED, where, values.branchTarget());
      case FX_IMAGE -> FloatingPoint.fill(memory, where, random);
      case MXCSR -> memory.set(JAVA_INT_UNALIGNED, where, mxcsr());
      case EXPECTED -> fillExpected(where);
      case NUMBER -> memory.set(JAVA_LONG_UNALIGNED, where, number(turn));
      case ANYTHING -> {}
    }
  }

  /// With bits that do not exist once in a while.
  private int mxcsr() {
    return random.nextInt() >>> (random.nextInt(8) == 0 ? 0 : 16);
  }

  private long number(int turn) {
    long value = values.value(Math.max(1, bytes), turn, number);
    return bytes == Long.BYTES
        ? value
        : (value & (1L << (8 * bytes)) - 1) | random.nextLong() << (8 * bytes);
  }

  /// What CMPXCHG compares with is there, half of the time.
  private void fillExpected(long where) {
    if (random.nextBoolean()) {
      return;
    }
    long low = registers.get(CaseRegisters.RAX);
    long high = registers.get(CaseRegisters.RDX);
    if (bytes == 16) {
      memory.set(JAVA_LONG_UNALIGNED, where, low);
      memory.set(JAVA_LONG_UNALIGNED, where + Long.BYTES, high);
    } else if (bytes == Long.BYTES && random.nextBoolean()) {
      memory.set(JAVA_LONG_UNALIGNED, where, (low & 0xFFFF_FFFFL) | high << 32);
    } else {
      memory.set(JAVA_LONG_UNALIGNED, where, low);
    }
  }

  private void fillStack() {
    long where = image(registers.get(CaseRegisters.RSP), Long.BYTES);
    if (where < 0) {
      return;
    }
    long old = memory.get(JAVA_LONG_UNALIGNED, where);
    memory.set(JAVA_LONG_UNALIGNED, where, returns ? values.branchTarget() : old & ~NOT_TO_POP);
  }
}
