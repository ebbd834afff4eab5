package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_clock_data`: 48 bytes (api.rst, KVM_GET_CLOCK). `clock` is the guest's kvmclock in
/// ns.
public record ClockData(long clock, int flags) {
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              JAVA_LONG.withName("clock"),
              JAVA_INT.withName("flags"),
              JAVA_INT.withName("pad0"),
              JAVA_LONG.withName("realtime"),
              JAVA_LONG.withName("host_tsc"),
              MemoryLayout.sequenceLayout(4, JAVA_INT).withName("pad"))
          .withName("kvm_clock_data");

  public static final long KVM_SET_CLOCK = Ioc.write(0x7B, LAYOUT);
  public static final long KVM_GET_CLOCK = Ioc.read(0x7C, LAYOUT);

  public static ClockData readFrom(ByteBuffer source) {
    return new ClockData(source.getLong(0), source.getInt(8));
  }

  public void writeTo(ByteBuffer target) {
    target.putLong(0, clock);
    target.putInt(8, flags);
  }
}
