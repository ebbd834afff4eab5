/// This process as a whole (execve(2)). Called by a command that finds that another program should
/// have been started in its place.
@NullMarked
package dev.javisor.linux.process;

import org.jspecify.annotations.NullMarked;
