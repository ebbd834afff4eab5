package dev.javisor.x86.fp;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;

/// SSE's control and status register (SDM 1, 10.2.3) and its exceptions (SDM 1, 11.5).
public final class Mxcsr {
  public static final int IE = 1;
  public static final int DE = 2;
  public static final int ZE = 4;
  public static final int OE = 8;
  public static final int UE = 16;
  public static final int PE = 32;

  /// All six.
  public static final int EXCEPTIONS = 0x3F;

  /// Denormals are zeros.
  public static final int DAZ = 1 << 6;

  /// All exceptions masked.
  public static final int MASKS = EXCEPTIONS << 7;

  /// Flush to zero.
  public static final int FTZ = 1 << 15;

  /// What it is after reset.
  public static final int RESET = MASKS;

  private static final int BEFORE_COMPUTING = IE | DE | ZE;
  private static final int MASK_SHIFT = 7;
  private static final long CR4_OSXMMEXCPT = 1 << 10;
  private static final long UPPER = ~0xFFFF_FFFFL;

  private Mxcsr() {}

  public static int get(Cpu cpu) {
    return (int) cpu.get(Slots.MXCSR);
  }

  /// @throws CpuFault `#GP` if bits are set that do not exist
  public static void load(Cpu cpu, int value) {
    if ((value & ~cpu.mxcsrMask()) != 0) {
      throw cpu.fault(CpuFault.GP);
    }
    set(cpu, value);
  }

  private static void set(Cpu cpu, int value) {
    cpu.set(Slots.MXCSR, (cpu.get(Slots.MXCSR) & UPPER) | (value & ~UPPER));
  }

  /// The exceptions that interrupt the program.
  public static int unmasked(Cpu cpu) {
    return ~(get(cpu) >> MASK_SHIFT) & EXCEPTIONS;
  }

  /// Records exceptions and raises those that are not masked. One that is found before computing
  /// keeps the others from being found (SDM 1, 11.5.3).
  ///
  /// @param found all that came up, as if all were masked
  /// @throws CpuFault `#XM`, or `#UD` if the system does not know of it
  public static void raise(Cpu cpu, int found) {
    if (found == 0) {
      return;
    }
    int unmasked = found & unmasked(cpu);
    boolean isEarly = (unmasked & BEFORE_COMPUTING) != 0;
    set(cpu, get(cpu) | (isEarly ? found & BEFORE_COMPUTING : found));
    if (unmasked != 0) {
      throw cpu.fault((cpu.get(Slots.CR4) & CR4_OSXMMEXCPT) != 0 ? CpuFault.XM : CpuFault.UD);
    }
  }
}
