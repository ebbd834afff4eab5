/// Tests of running and keeping decoded code.
@NullMarked
package dev.javisor.x86.code;

import org.jspecify.annotations.NullMarked;
