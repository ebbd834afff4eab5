/// The PCI bus and what sits on it: one host bridge, configuration space by ports and by ECAM,
/// memory BARs, MSI-X, and the virtio transport over them (PCI Local Bus 3.0, 6; PCI Express Base
/// 5.0, 7.2.2; virtio 1.3, 4.1). There is one bus, no bridge, no I/O BAR and no INTx. vCPU threads
/// call, device threads raise interrupts; locks are taken in the order host, transport, MSI-X.
@NullMarked
package dev.javisor.devices.pci;

import org.jspecify.annotations.NullMarked;
