package dev.javisor.x86.chip;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A local APIC's registers by their offset in its page (SDM 3A, table 11-1), and what is known of
/// each alone. Any thread may read and add or remove a vector; all else is the vCPU thread's.
final class ApicRegisters {
  static final int ID = 0x20;
  static final int VERSION = 0x30;
  static final int TPR = 0x80;
  static final int APR = 0x90;
  static final int PPR = 0xA0;
  static final int EOI = 0xB0;
  static final int RRD = 0xC0;
  static final int LDR = 0xD0;
  static final int DFR = 0xE0;
  static final int SVR = 0xF0;
  static final int ISR = 0x100;
  static final int TMR = 0x180;
  static final int IRR = 0x200;
  static final int ESR = 0x280;
  static final int ICR_LOW = 0x300;
  static final int ICR_HIGH = 0x310;
  static final int LVT_TIMER = 0x320;
  static final int LVT_THERMAL = 0x330;
  static final int LVT_PERFORMANCE = 0x340;
  static final int LVT_LINT0 = 0x350;
  static final int LVT_LINT1 = 0x360;
  static final int LVT_ERROR = 0x370;
  static final int INITIAL_COUNT = 0x380;
  static final int CURRENT_COUNT = 0x390;
  static final int DIVIDE = 0x3E0;
  static final int SELF_IPI = 0x3F0;

  /// The page as KVM_GET_LAPIC has it.
  static final int BYTES = 0x400;

  static final int STEP = 16;
  static final int MASKED = 1 << 16;
  static final int SVR_ENABLED = 1 << 8;

  /// Read as ones.
  static final int DFR_OTHER_BITS = 0x0FFF_FFFF;

  /// A Pentium 4's or Xeon's, with six LVT entries, as KVM's; no suppression of EOI broadcasts.
  private static final int VERSION_OF_SIX_LVTS = 0x14 | 5 << 16;

  private static final int SVR_AT_RESET = 0xFF;
  private static final int PRIORITY_CLASS = 0xF0;
  private static final int WORDS = 8;
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(int[].class);
  private static final VarHandle WORD_IN_PAGE =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final int[] words = new int[BYTES / STEP];

  /// The bits of `register` that software may set; none for those that are read-only or not there.
  static int writableBits(int register) {
    return switch (register) {
      case TPR -> 0xFF;
      case LDR, ICR_HIGH -> 0xFF00_0000;
      case DFR -> 0xF000_0000;
      case SVR -> 0x0000_03FF;
      case ICR_LOW -> 0x000C_CFFF;
      case LVT_TIMER -> 0x0007_00FF;
      case LVT_THERMAL, LVT_PERFORMANCE -> 0x0001_07FF;
      case LVT_LINT0, LVT_LINT1 -> 0x0001_A7FF;
      case LVT_ERROR -> 0x0001_00FF;
      case INITIAL_COUNT -> -1;
      case DIVIDE -> 0x0B;
      default -> 0;
    };
  }

  /// Whether there is such a register in the page.
  static boolean exists(int register) {
    return writableBits(register) != 0
        || switch (register) {
          case ID, VERSION, APR, PPR, EOI, RRD, ESR, CURRENT_COUNT -> true;
          default -> register >= ISR && register < ESR;
        };
  }

  static boolean isLvt(int register) {
    return register >= LVT_TIMER && register <= LVT_ERROR;
  }

  /// As after power-up and INIT (SDM 3A, 11.4.7), which keep id and LDR of an x2APIC.
  void reset(int id, int ldr) {
    for (int register = 0; register < BYTES; register += STEP) {
      set(register, isLvt(register) ? MASKED : 0);
    }
    set(ID, id);
    set(LDR, ldr);
    set(VERSION, VERSION_OF_SIX_LVTS);
    set(DFR, -1);
    set(SVR, SVR_AT_RESET);
  }

  int get(int register) {
    return (int) WORD.getAcquire(words, register / STEP);
  }

  void set(int register, int value) {
    WORD.setRelease(words, register / STEP, value);
  }

  /// Adds `vector` to the set at `register`: [#IRR], [#ISR] or [#TMR]. False if it was in there.
  boolean add(int register, int vector) {
    int bit = 1 << vector;
    return ((int) WORD.getAndBitwiseOr(words, wordOf(register, vector), bit) & bit) == 0;
  }

  void remove(int register, int vector) {
    WORD.getAndBitwiseAnd(words, wordOf(register, vector), ~(1 << vector));
  }

  boolean contains(int register, int vector) {
    return ((int) WORD.getVolatile(words, wordOf(register, vector)) & 1 << vector) != 0;
  }

  private static int wordOf(int register, int vector) {
    return register / STEP + vector / Integer.SIZE;
  }

  /// The highest vector of the set at `register`, or -1.
  int highest(int register) {
    for (int word = WORDS - 1; word >= 0; word--) {
      int bits = (int) WORD.getVolatile(words, register / STEP + word);
      if (bits != 0) {
        return word * Integer.SIZE + Integer.SIZE - 1 - Integer.numberOfLeadingZeros(bits);
      }
    }
    return -1;
  }

  /// The processor's priority: the higher one of the task's and the served interrupt's (SDM 3A,
  /// 11.8.3.1).
  int processorPriority() {
    int task = get(TPR);
    int served = Math.max(0, highest(ISR)) & PRIORITY_CLASS;
    return (task & PRIORITY_CLASS) >= served ? task : served;
  }

  /// The highest requested vector whose class is above the processor's priority, or -1.
  int deliverable() {
    int requested = highest(IRR);
    return requested >= 0 && (requested & PRIORITY_CLASS) > (processorPriority() & PRIORITY_CLASS)
        ? requested
        : -1;
  }

  /// Masks every LVT entry, which is what a software-disabled APIC does (SDM 3A, 11.4.7.2).
  void maskAll() {
    for (int register = LVT_TIMER; register <= LVT_ERROR; register += STEP) {
      set(register, get(register) | MASKED);
    }
  }

  void writeTo(byte[] page) {
    for (int register = 0; register < BYTES; register += STEP) {
      put(page, register, get(register));
    }
  }

  /// Takes over what software can set or has caused; id and version are not the page's to say.
  void readFrom(byte[] page) {
    for (int register = TPR; register < BYTES; register += STEP) {
      set(register, word(page, register) & savedBits(register));
    }
    set(DFR, get(DFR) | DFR_OTHER_BITS);
  }

  private static int savedBits(int register) {
    if (register == ESR) {
      return 0xFF;
    }
    return register >= ISR && register < ESR ? -1 : writableBits(register);
  }

  static int word(byte[] page, int register) {
    return (int) WORD_IN_PAGE.get(page, register);
  }

  static void put(byte[] page, int register, int value) {
    WORD_IN_PAGE.set(page, register, value);
  }
}
