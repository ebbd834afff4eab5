/// Tests of the stub on the machine that they run on.
@NullMarked
package dev.javisor.x86.nativecode;

import org.jspecify.annotations.NullMarked;
