package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/// `struct kvm_pit_config` (64 bytes) and `kvm_pit_state2` (112 bytes; api.rst, KVM_CREATE_PIT2).
/// The state is kept as its bytes: only the kernel that wrote it reads it.
public final class Pit {
  /// Port 0x61 is answered in the kernel, so that the guest can calibrate against channel 2.
  public static final int KVM_PIT_SPEAKER_DUMMY = 1;

  public static final StructLayout CONFIG_LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("flags"), MemoryLayout.sequenceLayout(15, JAVA_INT).withName("pad"))
          .withName("kvm_pit_config");

  static final StructLayout CHANNEL_LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("count"),
              JAVA_SHORT.withName("latched_count"),
              JAVA_BYTE.withName("count_latched"),
              JAVA_BYTE.withName("status_latched"),
              JAVA_BYTE.withName("status"),
              JAVA_BYTE.withName("read_state"),
              JAVA_BYTE.withName("write_state"),
              JAVA_BYTE.withName("write_latch"),
              JAVA_BYTE.withName("rw_mode"),
              JAVA_BYTE.withName("mode"),
              JAVA_BYTE.withName("bcd"),
              JAVA_BYTE.withName("gate"),
              JAVA_LONG.withName("count_load_time"))
          .withName("kvm_pit_channel_state");

  public static final StructLayout STATE_LAYOUT =
      MemoryLayout.structLayout(
              MemoryLayout.sequenceLayout(3, CHANNEL_LAYOUT).withName("channels"),
              JAVA_INT.withName("flags"),
              MemoryLayout.sequenceLayout(9, JAVA_INT).withName("reserved"))
          .withName("kvm_pit_state2");

  public static final long KVM_CREATE_PIT2 = Ioc.write(0x77, CONFIG_LAYOUT);
  public static final long KVM_GET_PIT2 = Ioc.read(0x9F, STATE_LAYOUT);
  public static final long KVM_SET_PIT2 = Ioc.write(0xA0, STATE_LAYOUT);

  private Pit() {}
}
