package dev.javisor.kvm.abi;

/// What `KVM_CHECK_EXTENSION` is asked for here (linux 6.12, include/uapi/linux/kvm.h).
public final class Capabilities {
  public static final int KVM_API_VERSION = 12;

  public static final int KVM_CAP_IRQCHIP = 0;
  public static final int KVM_CAP_USER_MEMORY = 3;
  public static final int KVM_CAP_NR_VCPUS = 9;
  public static final int KVM_CAP_COALESCED_MMIO = 15;
  public static final int KVM_CAP_IRQ_ROUTING = 25;
  public static final int KVM_CAP_IRQFD = 32;
  public static final int KVM_CAP_PIT2 = 33;
  public static final int KVM_CAP_IOEVENTFD = 36;
  public static final int KVM_CAP_MAX_VCPUS = 66;
  public static final int KVM_CAP_READONLY_MEM = 81;
  public static final int KVM_CAP_IOEVENTFD_ANY_LENGTH = 122;
  public static final int KVM_CAP_IMMEDIATE_EXIT = 136;
  public static final int KVM_CAP_COALESCED_PIO = 162;
  public static final int KVM_CAP_XSAVE2 = 208;

  private Capabilities() {}
}
