/// A machine's description as JSON: what `--dry-run` prints and `--config` reads. Unknown keys and
/// values of the wrong type are errors that name the key; `run --dry-run | run --config -
/// --dry-run` is a fixed point. One thread.
@NullMarked
package dev.javisor.cli.config;

import org.jspecify.annotations.NullMarked;
