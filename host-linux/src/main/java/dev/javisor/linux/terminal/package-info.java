/// A person's terminal (man 2const TCSETS, TIOCGWINSZ; man 3 cfmakeraw): raw mode and back, its
/// size. One thread switches modes; any may ask.
@NullMarked
package dev.javisor.linux.terminal;

import org.jspecify.annotations.NullMarked;
