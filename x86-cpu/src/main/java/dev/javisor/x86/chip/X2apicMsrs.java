package dev.javisor.x86.chip;

import java.util.OptionalLong;

/// The registers as MSRs 0x800 to 0x8FF (SDM 3A, 11.12.1): no holes can be read, nothing
/// reserved be written. The vCPU's thread, in x2APIC mode.
final class X2apicMsrs {
  static final int FIRST = 0x800;

  /// Delivery status and remote IRR are read-only, not reserved.
  private static final int LVT_READ_ONLY = 1 << 14 | 1 << 12;

  /// There is no delivery status in this mode; AMD's processors and KVM ignore the bit.
  private static final int ICR_IGNORED = 1 << 12;

  private static final int VECTOR = 0xFF;

  private final ApicProgramming programming;

  X2apicMsrs(ApicProgramming programming) {
    this.programming = programming;
  }

  private static int register(int msr) {
    return (msr - FIRST) * ApicRegisters.STEP;
  }

  /// Empty is `#GP`.
  OptionalLong read(int msr) {
    int register = register(msr);
    if (register == ApicRegisters.ICR_LOW) {
      return OptionalLong.of(programming.interruptCommand());
    }
    return isReadable(register)
        ? OptionalLong.of(Integer.toUnsignedLong(programming.read(register)))
        : OptionalLong.empty();
  }

  private static boolean isReadable(int register) {
    return switch (register) {
      case ApicRegisters.APR,
          ApicRegisters.RRD,
          ApicRegisters.DFR,
          ApicRegisters.EOI,
          ApicRegisters.ICR_HIGH ->
          false;
      default -> ApicRegisters.exists(register);
    };
  }

  /// False is `#GP`, with nothing done.
  boolean write(int msr, long value) {
    int register = register(msr);
    if (register == ApicRegisters.ICR_LOW) {
      return writeInterruptCommand(value);
    }
    if (!isWritable(register) || (value & ~allowedBits(register)) != 0) {
      return false;
    }
    programming.write(register, (int) value & ~readOnlyBits(register));
    return true;
  }

  private boolean writeInterruptCommand(long value) {
    int low = (int) value & ~ICR_IGNORED;
    if ((low & ~ApicRegisters.writableBits(ApicRegisters.ICR_LOW)) != 0) {
      return false;
    }
    programming.interruptCommand(low, (int) (value >>> 32));
    return true;
  }

  private static boolean isWritable(int register) {
    return switch (register) {
      case ApicRegisters.EOI, ApicRegisters.ESR, ApicRegisters.SELF_IPI -> true;
      case ApicRegisters.LDR, ApicRegisters.DFR, ApicRegisters.ICR_HIGH -> false;
      default -> ApicRegisters.writableBits(register) != 0;
    };
  }

  /// Of EOI and ESR none: only 0 may be written.
  private static long allowedBits(int register) {
    int bits = register == ApicRegisters.SELF_IPI ? VECTOR : ApicRegisters.writableBits(register);
    return Integer.toUnsignedLong(bits | readOnlyBits(register));
  }

  private static int readOnlyBits(int register) {
    return ApicRegisters.isLvt(register) ? LVT_READ_ONLY : 0;
  }
}
