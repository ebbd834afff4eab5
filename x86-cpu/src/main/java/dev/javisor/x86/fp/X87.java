package dev.javisor.x86.fp;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;

/// The x87's registers in the state block (SDM 1, 8.1), which are also MMX's (SDM 1, 9.2). The
/// image has them by their distance from the top of the stack, MMX by their number: where TOP
/// changes without a push or a pop, their contents move.
public final class X87 {
  /// ST(0), 16 bytes before ST(1).
  public static final int ST = Slots.FX + 32;

  /// Address of the last instruction, and of the last operand that raised an exception.
  public static final int FIP = Slots.FX + 8;

  public static final int FDP = Slots.FX + 16;

  /// What FCW is after FNINIT.
  public static final int FCW_INIT = 0x37F;

  /// The exception flags in FSW, and their masks in FCW.
  public static final int EXCEPTIONS = 0x3F;

  /// An unmasked exception waits, in FSW.
  public static final int ES = 1 << 7;

  private static final int FCW_EXISTING = 0x1F3F;
  private static final int FCW_ALWAYS = 1 << 6;
  private static final int BUSY = 1 << 15;
  private static final int FCW_RESET = 0x40;
  private static final int FSW_SHIFT = 16;
  private static final int FTW_SHIFT = 32;
  private static final int FOP_SHIFT = 48;
  private static final int TOP_SHIFT = 11;
  private static final int WORD = 0xFFFF;

  /// TOP and the tags in the image's first slot, and what they are while MMX instructions run.
  private static final long MMX_WORDS = 7L << (FSW_SHIFT + TOP_SHIFT) | 0xFFL << FTW_SHIFT;

  private static final long MMX_VALUES = 0xFFL << FTW_SHIFT;

  private X87() {}

  public static int fcw(Cpu cpu) {
    return (int) cpu.get(Slots.FX) & WORD;
  }

  public static int fsw(Cpu cpu) {
    return (int) (cpu.get(Slots.FX) >> FSW_SHIFT) & WORD;
  }

  /// A bit for each register by its number: it is not empty.
  public static int tags(Cpu cpu) {
    return (int) (cpu.get(Slots.FX) >> FTW_SHIFT) & 0xFF;
  }

  public static int fop(Cpu cpu) {
    return (int) (cpu.get(Slots.FX) >> FOP_SHIFT) & WORD;
  }

  /// Sets all four words; what does not exist in them stays as it has to be, and whether an
  /// exception waits follows from flags and masks. Registers stay where they are relative to the
  /// top.
  public static void words(Cpu cpu, int fcw, int fsw, int tags, int fop) {
    int control = (fcw & FCW_EXISTING) | FCW_ALWAYS;
    int status = fsw & ~(ES | BUSY) & WORD;
    if ((status & EXCEPTIONS & ~control) != 0) {
      status |= ES | BUSY;
    }
    cpu.set(
        Slots.FX,
        control
            | (long) status << FSW_SHIFT
            | (long) (tags & 0xFF) << FTW_SHIFT
            | (long) (fop & 0x7FF) << FOP_SHIFT);
  }

  public static void fcw(Cpu cpu, int value) {
    words(cpu, value, fsw(cpu), tags(cpu), fop(cpu));
  }

  public static int top(Cpu cpu) {
    return fsw(cpu) >> TOP_SHIFT & 7;
  }

  /// What FNINIT makes of it (SDM 1, 8.1.6): the registers keep their contents.
  public static void init(Cpu cpu) {
    moveTop(cpu, 0);
    words(cpu, FCW_INIT, 0, 0, 0);
    cpu.set(FIP, 0);
    cpu.set(FDP, 0);
  }

  /// Power-up and RESET, MXCSR included (SDM 3A, 11.1.1, table 11-1).
  public static void reset(Cpu cpu) {
    for (int slot = Slots.FX; slot < Slots.FX + 512; slot += 8) {
      cpu.set(slot, 0);
    }
    words(cpu, FCW_RESET, 0, 0xFF, 0);
    Mxcsr.load(cpu, Mxcsr.RESET);
  }

  /// Makes register `top` the top of the stack and leaves every register's contents alone.
  public static void moveTop(Cpu cpu, int top) {
    int by = top - top(cpu);
    if (by == 0) {
      return;
    }
    long[] old = new long[16];
    for (int i = 0; i < old.length; i++) {
      old[i] = cpu.get(ST + 8 * i);
    }
    for (int i = 0; i < old.length; i++) {
      cpu.set(ST + 8 * i, old[i + 2 * by & 15]);
    }
    long mask = 7L << (FSW_SHIFT + TOP_SHIFT);
    cpu.set(Slots.FX, (cpu.get(Slots.FX) & ~mask) | (long) top << (FSW_SHIFT + TOP_SHIFT));
  }

  /// What every MMX instruction does first (SDM 1, 9.5): TOP is 0 and no register is empty, so that
  /// MMX register `i` is in ST(i)'s place.
  public static void enterMmx(Cpu cpu) {
    long words = cpu.get(Slots.FX);
    if ((words & MMX_WORDS) != MMX_VALUES) {
      moveTop(cpu, 0);
      cpu.set(Slots.FX, cpu.get(Slots.FX) | MMX_VALUES);
    }
  }

  /// EMMS: all registers are empty.
  public static void leaveMmx(Cpu cpu) {
    enterMmx(cpu);
    cpu.set(Slots.FX, cpu.get(Slots.FX) & ~MMX_VALUES);
  }

  /// The slot of MMX register `number`.
  public static int mmx(int number) {
    return ST + 16 * number;
  }

  /// Puts `value` into the MMX register at `slot`: sign and exponent become ones (SDM 1, 9.2).
  public static void setMmx(Cpu cpu, int slot, long value) {
    cpu.set(slot, value);
    cpu.set(slot + 8, WORD);
  }
}
