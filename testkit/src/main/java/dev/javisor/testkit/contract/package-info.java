/// What every engine must do, written once against `vmm.hypervisor`: abstract test classes whose
/// guests are a few instructions, so that KVM and the software processor pass the very same ones
/// (SDM 1 to 3; api.rst for what an exit is). A subclass says which engine; JUnit's thread makes
/// and runs vCPU 0, tests that need more threads start them.
@NullMarked
package dev.javisor.testkit.contract;

import org.jspecify.annotations.NullMarked;
