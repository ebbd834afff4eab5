/// Where a machine is put together: the one room that knows engines, devices, images and host files
/// at once. What it opens it closes, in reverse. Library users start here too. One thread builds
/// and closes; a running machine may be asked by any.
@NullMarked
package dev.javisor.cli.machine;

import org.jspecify.annotations.NullMarked;
