/// The `javisor` command: what a person or a script types, what it prints, the codes it exits with
/// (docs/cli.md). Everything a guest or a host does wrong arrives here as one line that says what
/// to do. The main thread runs a command; signal handlers call in from HotSpot's.
@NullMarked
package dev.javisor.cli;

import org.jspecify.annotations.NullMarked;
