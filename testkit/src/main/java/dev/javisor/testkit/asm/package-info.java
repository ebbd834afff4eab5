/// A tiny assembler for test payloads (SDM 2, chapters 3 to 5): the instructions the contracts need
/// and no more, in 16-bit real mode and 64-bit long mode. Called by tests, one thread each.
@NullMarked
package dev.javisor.testkit.asm;

import org.jspecify.annotations.NullMarked;
