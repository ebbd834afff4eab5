package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.javisor.linux.call.NativeStruct;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;

/// `struct kvm_signal_mask`: 4 bytes and the set (api.rst, KVM_SET_SIGNAL_MASK).
public final class SignalMask {
  /// What the kernel takes for a `sigset_t`, not glibc's 128 bytes.
  static final int KERNEL_SIGSET_BYTES = 8;

  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(JAVA_INT.withName("len")).withName("kvm_signal_mask");

  public static final long KVM_SET_SIGNAL_MASK = Ioc.write(0x8B, LAYOUT);

  private SignalMask() {}

  public static NativeStruct allocate(long mask, SegmentAllocator allocator) {
    NativeStruct argument =
        NativeStruct.allocate(LAYOUT.byteSize() + KERNEL_SIGSET_BYTES, allocator);
    argument.bytes().putInt(0, KERNEL_SIGSET_BYTES).putLong(4, mask);
    return argument;
  }
}
