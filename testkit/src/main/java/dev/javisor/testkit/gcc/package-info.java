/// The C compiler as an oracle: what the installed headers say of a structure or a constant. Only
/// tests ask it, from one thread; nothing that is shipped needs a compiler.
@NullMarked
package dev.javisor.testkit.gcc;

import org.jspecify.annotations.NullMarked;
