/// The host's files, network ports and random numbers as devices need them (`vmm.backend`). Files
/// are locked while open, by the open file description (man 2 fcntl, F_OFD_SETLK): unlike a
/// FileChannel's, that lock survives somebody else's opening and closing of the same file in this
/// process.
@NullMarked
package dev.javisor.linux.backend;

import org.jspecify.annotations.NullMarked;
