package dev.javisor.vmm.hypervisor;

/// A source of virtual machines: KVM, or the software processor.
public interface Hypervisor extends AutoCloseable {

  /// A short name for logs and reports: `kvm`, `software`.
  String name();

  /// Makes a machine with an interrupt controller but no memory and no vCPUs. Closing it releases
  /// every fd and mapping it made.
  ///
  /// @param vcpuCount how many vCPUs it will have, 1..255: what the guest is told of the topology
  VirtualMachine createMachine(int vcpuCount);

  boolean supports(Capability capability);

  @Override
  void close();
}
