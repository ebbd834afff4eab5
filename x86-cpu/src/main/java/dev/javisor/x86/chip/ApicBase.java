package dev.javisor.x86.chip;

/// IA32_APIC_BASE (SDM 3A, 11.4.4 and 11.12.1): where a local APIC's page is, and its mode. The
/// vCPU's thread writes, any thread reads.
final class ApicBase {
  static final long AT_RESET = 0xFEE0_0000L | ApicMode.ENABLE;
  private static final long BOOT_PROCESSOR = 1 << 8;
  private static final long RESERVED_LOW = 0x2FF;
  private static final int PAGE_SHIFT = 12;

  private final long reserved;
  private volatile long value;

  ApicBase(boolean bootProcessor, int physicalAddressBits) {
    reserved = -1L << physicalAddressBits | RESERVED_LOW;
    value = AT_RESET | (bootProcessor ? BOOT_PROCESSOR : 0);
  }

  long get() {
    return value;
  }

  ApicMode mode() {
    return ApicMode.of(value);
  }

  /// False, with nothing changed, where the processor has a `#GP`.
  boolean write(long written) {
    if (!mode().mayBecome(ApicMode.of(written))) {
      return false;
    }
    return restore(written);
  }

  /// Becomes a saved value, from whatever mode. False, with nothing changed, if it is none.
  boolean restore(long saved) {
    if ((saved & reserved) != 0 || ApicMode.of(saved) == ApicMode.INVALID) {
      return false;
    }
    value = saved;
    return true;
  }

  /// Whether `gpa` is in the page of an xAPIC.
  boolean claims(long gpa) {
    long now = value;
    return ApicMode.of(now) == ApicMode.XAPIC && (now ^ gpa) >>> PAGE_SHIFT == 0;
  }
}
