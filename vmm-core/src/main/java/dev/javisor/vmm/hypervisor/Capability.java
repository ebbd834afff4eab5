package dev.javisor.vmm.hypervisor;

/// What an engine can do beyond running x86 code.
public enum Capability {
  /// `KVM_CAP_IRQFD`: an interrupt can be raised by a write to an eventfd.
  INTERRUPT_BY_EVENTFD,
  /// `KVM_CAP_IOEVENTFD`: a guest store can ring a [dev.javisor.vmm.irq.Doorbell] without an exit.
  DOORBELL_BY_EVENTFD,
  /// `KVM_CAP_READONLY_MEM`: regions that the guest can read but not write.
  READ_ONLY_MEMORY,
  /// The host's processor runs the guest, not an emulation of it.
  HARDWARE
}
