package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// The structures of one field: run state, local APIC page, XSAVE area, extended control registers.
public final class SmallStates {
  /// `struct kvm_mp_state`: 4 bytes (api.rst, KVM_GET_MP_STATE).
  public static final StructLayout MP_STATE_LAYOUT =
      MemoryLayout.structLayout(JAVA_INT.withName("mp_state")).withName("kvm_mp_state");

  /// `struct kvm_lapic_state`: 1024 bytes (api.rst, KVM_GET_LAPIC).
  public static final StructLayout LAPIC_LAYOUT =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(1024, JAVA_BYTE).withName("regs"))
          .withName("kvm_lapic_state");

  /// `struct kvm_xsave`: 4096 bytes, more with `KVM_CAP_XSAVE2` (api.rst, KVM_GET_XSAVE2).
  public static final StructLayout XSAVE_LAYOUT =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(1024, JAVA_INT).withName("region"))
          .withName("kvm_xsave");

  static final StructLayout XCR_LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("xcr"), JAVA_INT.withName("reserved"), JAVA_LONG.withName("value"))
          .withName("kvm_xcr");

  /// `struct kvm_xcrs`: 392 bytes (api.rst, KVM_GET_XCRS).
  public static final StructLayout XCRS_LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("nr_xcrs"),
              JAVA_INT.withName("flags"),
              MemoryLayout.sequenceLayout(16, XCR_LAYOUT).withName("xcrs"),
              MemoryLayout.sequenceLayout(16, JAVA_LONG).withName("padding"))
          .withName("kvm_xcrs");

  public static final long KVM_GET_LAPIC = Ioc.read(0x8E, LAPIC_LAYOUT);
  public static final long KVM_SET_LAPIC = Ioc.write(0x8F, LAPIC_LAYOUT);
  public static final long KVM_GET_MP_STATE = Ioc.read(0x98, MP_STATE_LAYOUT);
  public static final long KVM_SET_MP_STATE = Ioc.write(0x99, MP_STATE_LAYOUT);
  public static final long KVM_GET_XSAVE = Ioc.read(0xA4, XSAVE_LAYOUT);
  public static final long KVM_SET_XSAVE = Ioc.write(0xA5, XSAVE_LAYOUT);
  public static final long KVM_GET_XCRS = Ioc.read(0xA6, XCRS_LAYOUT);
  public static final long KVM_SET_XCRS = Ioc.write(0xA7, XCRS_LAYOUT);
  public static final long KVM_GET_XSAVE2 = Ioc.read(0xCF, XSAVE_LAYOUT);

  private SmallStates() {}

  /// XCR0 in a `kvm_xcrs` that the kernel filled; 0 when it gave none.
  public static long xcr0(ByteBuffer xcrs) {
    return xcrs.getInt(0) == 0 ? 0 : xcrs.getLong(16);
  }

  public static void writeXcr0(long value, ByteBuffer xcrs) {
    xcrs.putInt(0, 1);
    xcrs.putLong(16, value);
  }
}
