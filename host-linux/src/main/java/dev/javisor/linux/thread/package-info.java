/// What a thread is to the kernel: its id, its signal mask, signals sent to it alone (man 2
/// rt_sigprocmask, tgkill, rt_sigtimedwait). HotSpot owns the handlers; nothing here installs one.
@NullMarked
package dev.javisor.linux.thread;

import org.jspecify.annotations.NullMarked;
