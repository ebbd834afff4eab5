/// One run of a guest from its boot to its exit code: which consoles it has, what its init is told
/// over the control port, what signals do, how long it may take. The session lives on the main
/// thread; devices and pumps call in from theirs.
@NullMarked
package dev.javisor.cli.session;

import org.jspecify.annotations.NullMarked;
