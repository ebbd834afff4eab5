/// The decoder by the manual's words, without another decoder.
@NullMarked
package dev.javisor.x86.decode;

import org.jspecify.annotations.NullMarked;
