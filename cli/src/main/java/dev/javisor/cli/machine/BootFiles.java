package dev.javisor.cli.machine;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What a machine boots.
///
/// @param kernel a bzImage or ELF
/// @param initrd or null
/// @param cmdline the whole command line
public record BootFiles(Path kernel, @Nullable Path initrd, String cmdline) {}
