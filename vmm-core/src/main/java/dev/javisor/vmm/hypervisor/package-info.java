/// What an engine must do: make machines, map their memory, run their vCPUs, carry their
/// interrupts. KVM and the software processor implement this room and nothing else of the project
/// knows which one runs. Everything here is named after the Linux KVM API (`api.rst`, SPECS.md)
/// where it has a twin there. A [dev.javisor.vmm.hypervisor.Vcpu] belongs to the thread that made
/// it; the rest may be called from any thread.
@NullMarked
package dev.javisor.vmm.hypervisor;

import org.jspecify.annotations.NullMarked;
