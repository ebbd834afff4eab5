package dev.javisor.cli;

import dev.javisor.cli.options.Arguments;
import dev.javisor.cli.options.Help;
import dev.javisor.cli.options.Option;
import java.io.PrintStream;
import java.util.List;

/// What `javisor` can be asked to do.
interface Command {
  /// The word that asks for it.
  String name();

  /// What it takes, `--help` and `--version` included.
  List<Option> options();

  Help help();

  /// Does it, and returns the exit code.
  ///
  /// @param out takes what it is asked to print
  int call(Arguments given, PrintStream out);
}
