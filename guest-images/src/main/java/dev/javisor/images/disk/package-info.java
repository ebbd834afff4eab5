/// Disk images as stores of blocks: raw files and block devices over a
/// [dev.javisor.vmm.backend.HostFile]. A store has a few threads of its own, which do the reading
/// and writing and answer the device; whoever submits never waits.
@NullMarked
package dev.javisor.images.disk;

import org.jspecify.annotations.NullMarked;
