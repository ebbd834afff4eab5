/// The host's processor as the oracle of the interpreter: every form of the opcode table is run on
/// both with the same registers, flags and memory, and what comes out is compared (SDM 1 to 3 say
/// what may differ). The host's half is [OracleChild], a JVM of its own that may die; all else runs
/// in the test's thread.
@NullMarked
package dev.javisor.x86.oracle;

import org.jspecify.annotations.NullMarked;
