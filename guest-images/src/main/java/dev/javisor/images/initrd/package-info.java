/// Initial RAM file systems: the cpio archives a Linux kernel unpacks into its first root (Linux
/// 6.12, Documentation/driver-api/early-userspace/buffer-format.rst). Written uncompressed, since
/// unpacking in the guest costs more than reading on the host, and the same bytes for the same
/// entries. Whoever builds an image calls, on one thread.
@NullMarked
package dev.javisor.images.initrd;

import org.jspecify.annotations.NullMarked;
