/// The decoder against an independent one: Zydis 4.0 from the distribution, called through FFM with
/// its modes set to the guest's processor. Tests named IT need it; they are one thread each.
@NullMarked
package dev.javisor.x86.zydis;

import org.jspecify.annotations.NullMarked;
