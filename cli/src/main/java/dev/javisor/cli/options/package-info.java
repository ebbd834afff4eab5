/// The words of a command line (docs/decisions/0004-option-parser.md): which options a command
/// takes, what was given, what `--help` says. It follows the customs of GNU getopt_long (man 3
/// getopt) without abbreviations. On the main thread, before anything else happens: so nothing
/// here reflects, formats or matches patterns.
@NullMarked
package dev.javisor.cli.options;

import org.jspecify.annotations.NullMarked;
