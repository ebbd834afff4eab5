/// The person's side of a guest's consoles: this process's standard streams, a log file, a terminal
/// in raw mode. Each stream is pumped by a thread of its own, so that a host that is slow to read
/// or write never stalls a device; what a device sees (`vmm.backend.ByteConsole`) takes or gives
/// what it can and calls back.
@NullMarked
package dev.javisor.cli.console;

import org.jspecify.annotations.NullMarked;
