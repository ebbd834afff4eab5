/// The kernel's KVM structures (linux 6.12, include/uapi/linux/kvm.h and arch/x86/include/uapi/asm/
/// kvm.h): each beside its one layout, with the request numbers computed from it, so that size and
/// number cannot disagree. Offsets are constants; a test compares them and every size with a C
/// compiler's. What is written to is zeroed: reserved fields are left alone. Nothing here calls
/// anything; any thread.
@NullMarked
package dev.javisor.kvm.abi;

import org.jspecify.annotations.NullMarked;
