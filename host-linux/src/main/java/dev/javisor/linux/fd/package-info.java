/// File descriptors as objects: whoever opens one closes it, and errors name what it stands for
/// (man 2 open, eventfd, poll). An [dev.javisor.linux.fd.Fd] may be used by any thread; closing one
/// while another thread blocks in it is the owner's mistake.
@NullMarked
package dev.javisor.linux.fd;

import org.jspecify.annotations.NullMarked;
