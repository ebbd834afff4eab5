package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

/// Requests whose argument is a number: of the system, of a VM, of a vCPU.
public final class Requests {
  public static final long KVM_GET_API_VERSION = Ioc.none(0x00);
  public static final long KVM_CREATE_VM = Ioc.none(0x01);
  public static final long KVM_CHECK_EXTENSION = Ioc.none(0x03);
  public static final long KVM_GET_VCPU_MMAP_SIZE = Ioc.none(0x04);

  public static final long KVM_CREATE_VCPU = Ioc.none(0x41);
  public static final long KVM_SET_TSS_ADDR = Ioc.none(0x47);
  public static final long KVM_SET_IDENTITY_MAP_ADDR = Ioc.write(0x48, JAVA_LONG);
  public static final long KVM_CREATE_IRQCHIP = Ioc.none(0x60);

  public static final long KVM_RUN = Ioc.none(0x80);
  public static final long KVM_SET_TSC_KHZ = Ioc.none(0xA2);
  public static final long KVM_GET_TSC_KHZ = Ioc.none(0xA3);
  public static final long KVM_KVMCLOCK_CTRL = Ioc.none(0xAD);

  private Requests() {}
}
