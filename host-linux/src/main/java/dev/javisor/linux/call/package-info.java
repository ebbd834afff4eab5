/// The one door to the host kernel: libc's `syscall`, all `long`, errno captured on the calling
/// thread (man 2 syscall; numbers of x86-64). Every other call of this project goes through it,
/// since each further downcall shape costs tens of milliseconds of a cold start. Any thread may
/// call.
@NullMarked
package dev.javisor.linux.call;

import org.jspecify.annotations.NullMarked;
