/// The one door to the host kernel: system calls, all `long`, the kernel's own result returned
/// (man 2 syscall; numbers of x86-64). Every other call of this project goes through it, since each
/// further downcall shape costs tens of milliseconds of a cold start. Any thread may call.
@NullMarked
package dev.javisor.linux.call;

import org.jspecify.annotations.NullMarked;
