/// Kernel formats and how a processor enters them: bzImage and ELF through Linux's 64-bit boot
/// protocol (Linux 6.12, Documentation/arch/x86/boot.rst), ELF with the note through PVH
/// (xen/include/public/arch-x86/hvm/start_info.h, version 1). A file is told by its content, never
/// by its name, and is not trusted: whatever is wrong with it is an `IOException` with the numbers.
/// The thread that builds a machine calls, before the first vCPU runs.
@NullMarked
package dev.javisor.images.kernel;

import org.jspecify.annotations.NullMarked;
