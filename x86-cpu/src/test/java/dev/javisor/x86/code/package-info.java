/// Blocks and who runs them.
@NullMarked
package dev.javisor.x86.code;

import org.jspecify.annotations.NullMarked;
