/// The software engine as the rest of the house sees it: [dev.javisor.vmm.hypervisor.Hypervisor]
/// over our own processor. Exits, states and interrupts are those of KVM, so that machines do not
/// know the difference. A vCPU belongs to its thread; interrupts, kicks and memory changes come
/// from any.
@NullMarked
package dev.javisor.x86.engine;

import org.jspecify.annotations.NullMarked;
