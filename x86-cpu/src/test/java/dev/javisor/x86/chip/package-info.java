/// Interrupt controllers and timers under a clock that stands still until a test moves it: what the
/// manuals and data sheets say, one sentence a test.
@NullMarked
package dev.javisor.x86.chip;

import org.jspecify.annotations.NullMarked;
