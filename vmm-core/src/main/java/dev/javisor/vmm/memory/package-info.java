/// Guest-physical memory: one flat segment in which the guest-physical address *is* the offset,
/// the hole below 4 GiB included and never touched. Devices, loaders and engines share it; whoever
/// writes from outside a vCPU says so with `written`. Any thread; the guest may change any byte at
/// any moment, so a field is read once, checked, and the copy used.
@NullMarked
package dev.javisor.vmm.memory;

import org.jspecify.annotations.NullMarked;
