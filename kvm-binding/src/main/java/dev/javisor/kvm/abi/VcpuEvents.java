package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.vmm.hypervisor.VcpuState.Events;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_vcpu_events`: 64 bytes (api.rst, KVM_GET_VCPU_EVENTS). `triple_fault` is valid only
/// with KVM_CAP_X86_TRIPLE_FAULT_EVENT, which is not asked for.
public final class VcpuEvents {
  static final int KVM_VCPUEVENT_VALID_NMI_PENDING = 1;
  static final int KVM_VCPUEVENT_VALID_SIPI_VECTOR = 2;
  static final int KVM_VCPUEVENT_VALID_SHADOW = 4;

  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              MemoryLayout.structLayout(
                      JAVA_BYTE.withName("injected"),
                      JAVA_BYTE.withName("nr"),
                      JAVA_BYTE.withName("has_error_code"),
                      JAVA_BYTE.withName("pending"),
                      JAVA_INT.withName("error_code"))
                  .withName("exception"),
              MemoryLayout.structLayout(
                      JAVA_BYTE.withName("injected"),
                      JAVA_BYTE.withName("nr"),
                      JAVA_BYTE.withName("soft"),
                      JAVA_BYTE.withName("shadow"))
                  .withName("interrupt"),
              MemoryLayout.structLayout(
                      JAVA_BYTE.withName("injected"),
                      JAVA_BYTE.withName("pending"),
                      JAVA_BYTE.withName("masked"),
                      JAVA_BYTE.withName("pad"))
                  .withName("nmi"),
              JAVA_INT.withName("sipi_vector"),
              JAVA_INT.withName("flags"),
              MemoryLayout.structLayout(
                      JAVA_BYTE.withName("smm"),
                      JAVA_BYTE.withName("pending"),
                      JAVA_BYTE.withName("smm_inside_nmi"),
                      JAVA_BYTE.withName("latched_init"))
                  .withName("smi"),
              MemoryLayout.structLayout(JAVA_BYTE.withName("pending")).withName("triple_fault"),
              MemoryLayout.sequenceLayout(26, JAVA_BYTE).withName("reserved"),
              JAVA_BYTE.withName("exception_has_payload"),
              JAVA_LONG.withName("exception_payload"))
          .withName("kvm_vcpu_events");

  public static final long KVM_GET_VCPU_EVENTS = Ioc.read(0x9F, LAYOUT);
  public static final long KVM_SET_VCPU_EVENTS = Ioc.write(0xA0, LAYOUT);

  private VcpuEvents() {}

  /// @param externalVector from `kvm_sregs`, where the kernel keeps it
  public static Events read(ByteBuffer source, int externalVector) {
    boolean exceptionInjected = source.get(0) != 0;
    boolean exception = exceptionInjected || source.get(3) != 0;
    return new Events(
        exception ? source.get(1) & 0xFF : -1,
        exceptionInjected,
        source.get(2) != 0,
        source.getInt(4),
        source.get(55) != 0,
        source.getLong(56),
        source.get(8) != 0 ? source.get(9) & 0xFF : -1,
        source.get(10) != 0,
        source.get(11),
        source.get(12) != 0,
        source.get(13),
        source.get(14) != 0,
        source.getInt(16),
        externalVector);
  }

  public static void write(Events events, ByteBuffer target) {
    boolean exception = events.exceptionVector() >= 0;
    // Without KVM_CAP_EXCEPTION_PAYLOAD the kernel knows only `injected`; a pending one is the
    // same.
    set(target, 0, exception);
    target.put(1, (byte) Math.max(0, events.exceptionVector()));
    set(target, 2, events.exceptionHasErrorCode());
    target.putInt(4, events.exceptionErrorCode());
    set(target, 8, events.interruptVector() >= 0);
    target.put(9, (byte) Math.max(0, events.interruptVector()));
    set(target, 10, events.interruptSoft());
    target.put(11, (byte) events.interruptShadow());
    set(target, 12, events.nmiInjected());
    target.put(13, (byte) events.nmiPending());
    set(target, 14, events.nmiMasked());
    target.putInt(16, events.sipiVector());
    target.putInt(
        20,
        KVM_VCPUEVENT_VALID_NMI_PENDING
            | KVM_VCPUEVENT_VALID_SIPI_VECTOR
            | KVM_VCPUEVENT_VALID_SHADOW);
  }

  private static void set(ByteBuffer target, int at, boolean value) {
    target.put(at, (byte) (value ? 1 : 0));
  }
}
