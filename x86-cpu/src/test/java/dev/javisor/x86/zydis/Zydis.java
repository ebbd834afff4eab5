package dev.javisor.x86.zydis;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.javisor.x86.decode.Mode;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/// One Zydis decoder, for one mode (Zydis/Decoder.h, Zydis/DecoderTypes.h of 4.0.0). What it found
/// stands until the next call.
final class Zydis {
  /// `ZydisOperandType`.
  static final int REGISTER = 1;

  static final int MEMORY = 2;

  /// `ZYDIS_ATTRIB_IS_PRIVILEGED`.
  static final long IS_PRIVILEGED = 1 << 8;

  private static final String LIBRARY = "libZydis.so.4.0";
  private static final Arena ARENA = Arena.ofShared();
  private static final SymbolLookup SYMBOLS = SymbolLookup.libraryLookup(LIBRARY, ARENA);
  private static final int MODES = 9;

  // ZydisMachineMode, ZydisStackWidth
  private static final int LONG_64 = 0;
  private static final int LEGACY_32 = 3;
  private static final int LEGACY_16 = 4;
  private static final int STACK_16 = 0;
  private static final int STACK_32 = 1;
  private static final int STACK_64 = 2;

  // ZydisStatus
  private static final int NO_MORE_DATA = 0x80200000;
  private static final int INSTRUCTION_TOO_LONG = 0x80200002;
  // ZydisInstructionAttributes
  private static final long HAS_MODRM = 1;
  // ZydisDecodedInstruction
  private static final int INSTRUCTION_BYTES = 328;
  private static final int MNEMONIC = 4;
  private static final int LENGTH = 8;
  private static final int OPERAND_COUNT = 24;
  private static final int ATTRIBUTES = 32;
  private static final int CPU_FLAGS = 40;
  private static final int OPCODE_MAP = 16;
  private static final int OPCODE = 20;
  private static final int ISA_SET = 96;
  private static final int MODRM = 255;
  private static final int DISPLACEMENT = 264;
  private static final int IMMEDIATE = 280;
  private static final int FLAGS_BYTES = 20;
  // ZydisDecodedOperand, ZydisOperandVisibility
  private static final int HIDDEN = 3;
  private static final int OPERAND_BYTES = 80;
  private static final int OPERANDS_MAX = 10;

  private static final MethodHandle INIT =
      bind("ZydisDecoderInit", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle ENABLE =
      bind("ZydisDecoderEnableMode", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_BYTE));
  private static final MethodHandle DECODE =
      Linker.nativeLinker()
          .downcallHandle(
              SYMBOLS.findOrThrow("ZydisDecoderDecodeInstruction"),
              FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS),
              Linker.Option.critical(true));
  private static final MethodHandle DECODE_FULL =
      Linker.nativeLinker()
          .downcallHandle(
              SYMBOLS.findOrThrow("ZydisDecoderDecodeFull"),
              FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS),
              Linker.Option.critical(true));

  private static final List<String> MNEMONICS = names("ZydisMnemonicGetString");
  private static final List<String> ISA_SETS = names("ZydisISASetGetString");
  private static final List<String> REGISTERS = names("ZydisRegisterGetString");

  private final MemorySegment decoder = ARENA.allocate(32, 8);
  private final MemorySegment instruction = ARENA.allocate(INSTRUCTION_BYTES, 8);
  private final MemorySegment operands = ARENA.allocate(OPERAND_BYTES * OPERANDS_MAX, 8);
  private int status;

  /// An operand as Zydis has it.
  ///
  /// @param actions bits: 1 read, 2 written, 4 read under a condition, 8 written under one
  /// @param base the registers of a memory operand's address, "none" without
  record Operand(
      int type,
      boolean visible,
      int actions,
      int bits,
      String register,
      String segment,
      String base,
      String index,
      int scale) {}

  Zydis(Mode mode) {
    int machine = mode.isLong() ? LONG_64 : mode.codeBytes() == 4 ? LEGACY_32 : LEGACY_16;
    int stack = mode.isLong() ? STACK_64 : mode.stackBytes() == 4 ? STACK_32 : STACK_16;
    check((int) call(() -> INIT.invoke(decoder, machine, stack)));
    for (int i = 0; i < MODES; i++) {
      int feature = i;
      // all off: MINIMAL, AMD_BRANCHES, KNC, MPX, CET, LZCNT, TZCNT, WBNOINVD, CLDEMOTE
      check((int) call(() -> ENABLE.invoke(decoder, feature, (byte) 0)));
    }
  }

  private interface Call {
    Object run() throws Throwable;
  }

  private static Object call(Call call) {
    try {
      return call.run();
    } catch (Throwable e) {
      throw new IllegalStateException("a downcall into " + LIBRARY, e);
    }
  }

  private static void check(int status) {
    if (status < 0) {
      throw new IllegalStateException(LIBRARY + ": status 0x" + Integer.toHexString(status));
    }
  }

  private static MethodHandle bind(String name, FunctionDescriptor shape) {
    return Linker.nativeLinker().downcallHandle(SYMBOLS.findOrThrow(name), shape);
  }

  private static List<String> names(String function) {
    MethodHandle handle = bind(function, FunctionDescriptor.of(ADDRESS, JAVA_INT));
    List<String> names = new ArrayList<>();
    while (true) {
      int number = names.size();
      MemorySegment name = (MemorySegment) call(() -> handle.invoke(number));
      if (name.equals(NULL)) {
        return List.copyOf(names);
      }
      names.add(name.reinterpret(64).getString(0));
    }
  }

  /// Whether an instruction begins at `from`, of at most `length` bytes.
  boolean decode(byte[] bytes, int from, int length) {
    try {
      MemorySegment code = MemorySegment.ofArray(bytes).asSlice(from);
      status = (int) DECODE.invokeExact(decoder, NULL, code, (long) length, instruction);
      return status >= 0;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /// Whether the bytes of the last call were too few.
  boolean isTruncated() {
    return status == NO_MORE_DATA;
  }

  /// Whether the instruction of the last call is one of more than 15 bytes.
  boolean isTooLong() {
    return status == INSTRUCTION_TOO_LONG;
  }

  /// Whether the bytes begin with an instruction, which [#operands()] then takes apart.
  boolean decodeFull(byte[] bytes) {
    try {
      MemorySegment code = MemorySegment.ofArray(bytes);
      status =
          (int) DECODE_FULL.invokeExact(decoder, code, (long) bytes.length, instruction, operands);
      return status >= 0;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  String mnemonic() {
    return MNEMONICS.get(instruction.get(JAVA_INT, MNEMONIC));
  }

  static List<String> isaSets() {
    return ISA_SETS;
  }

  int length() {
    return instruction.get(JAVA_BYTE, LENGTH);
  }

  String isaSet() {
    return ISA_SETS.get(instruction.get(JAVA_INT, ISA_SET));
  }

  /// 0 for one-byte opcodes, 1 for those behind 0F, more for further maps.
  int opcodeMap() {
    return instruction.get(JAVA_INT, OPCODE_MAP);
  }

  int opcode() {
    return instruction.get(JAVA_BYTE, OPCODE) & 0xFF;
  }

  boolean hasModrm() {
    return (attributes() & HAS_MODRM) != 0;
  }

  int modrm() {
    return instruction.get(JAVA_BYTE, MODRM) << 6
        | instruction.get(JAVA_BYTE, MODRM + 1) << 3
        | instruction.get(JAVA_BYTE, MODRM + 2);
  }

  long displacement() {
    return instruction.get(JAVA_LONG, DISPLACEMENT);
  }

  int displacementBits() {
    return instruction.get(JAVA_BYTE, DISPLACEMENT + 8) & 0xFF;
  }

  int displacementAt() {
    return instruction.get(JAVA_BYTE, DISPLACEMENT + 9);
  }

  /// @param which 0 or 1
  long immediate(int which) {
    return instruction.get(JAVA_LONG, IMMEDIATE + which * 24 + 8);
  }

  int immediateBits(int which) {
    return instruction.get(JAVA_BYTE, IMMEDIATE + which * 24 + 16) & 0xFF;
  }

  int immediateAt(int which) {
    return instruction.get(JAVA_BYTE, IMMEDIATE + which * 24 + 17);
  }

  /// `ZYDIS_ATTRIB_*`.
  long attributes() {
    return instruction.get(JAVA_LONG, ATTRIBUTES);
  }

  /// One of `ZydisAccessedFlags`: 0 tested, 1 modified, 2 cleared, 3 set, 4 undefined.
  int flags(int which) {
    MemorySegment flags = instruction.get(ADDRESS, CPU_FLAGS);
    return flags.equals(NULL) ? 0 : flags.reinterpret(FLAGS_BYTES).get(JAVA_INT, which * 4L);
  }

  List<Operand> operands() {
    List<Operand> found = new ArrayList<>();
    for (int i = 0; i < instruction.get(JAVA_BYTE, OPERAND_COUNT); i++) {
      found.add(operand(operands.asSlice((long) i * OPERAND_BYTES, OPERAND_BYTES)));
    }
    return found;
  }

  private static Operand operand(MemorySegment at) {
    int type = at.get(JAVA_INT, 32);
    boolean memory = type == MEMORY;
    return new Operand(
        type,
        at.get(JAVA_INT, 4) != HIDDEN,
        at.get(JAVA_BYTE, 8),
        at.get(JAVA_SHORT, 16),
        type == REGISTER ? register(at, 40) : "none",
        memory ? register(at, 44) : "none",
        memory ? register(at, 48) : "none",
        memory ? register(at, 52) : "none",
        memory ? at.get(JAVA_BYTE, 56) : 0);
  }

  private static String register(MemorySegment at, long offset) {
    return REGISTERS.get(at.get(JAVA_INT, offset));
  }
}
