package dev.javisor.cli;

import dev.javisor.cli.options.Arguments;
import dev.javisor.cli.options.Help;
import dev.javisor.cli.options.Option;
import dev.javisor.cli.options.UsageException;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The command. `javisor run` with no arguments boots a Linux to a shell.
public final class Javisor {
  static final Option HELP =
      Option.flag("--help", "Show this help message and exit.").orLetter("-h");
  static final Option VERSION =
      Option.flag("--version", "Print version information and exit.").orLetter("-V");

  private static final String VERSION_TEXT = "javisor 0.1.0\n";
  private static final List<Option> OPTIONS = List.of(HELP, VERSION);
  private static final String COMMANDS =
      """
      Commands:
        run     Boots a Linux guest to a shell, or runs one command in it.
        doctor  What this host offers a hypervisor, and what to do about the rest.

      Examples:
        javisor run                a Linux guest to its shell; `poweroff` ends it
        javisor run -- uname -a    one command in a guest, its exit code ours
        echo 'ls /' | javisor run  a script from standard input
        javisor doctor             what this host offers, what to do about the rest
      """;

  private Javisor() {}

  public static void main(String[] args) {
    int code = execute(OriginalWords.of(args), System.out, System.err);
    TerminalGuard.endedWell();
    System.out.flush();
    // Pumps may block in a read of standard input for ever.
    Runtime.getRuntime().halt(code);
  }

  /// Does what `words` ask for, and returns the exit code.
  static int execute(List<String> words, PrintStream out, PrintStream err) {
    Command command = words.isEmpty() ? null : command(words.get(0));
    try {
      return command == null
          ? alone(Arguments.parse(OPTIONS, words), out)
          : run(command, words.subList(1, words.size()), out);
    } catch (UsageException e) {
      err.println("javisor: " + e.getMessage());
      err.println(
          "javisor: see `javisor " + (command == null ? "" : command.name() + " ") + "--help`");
    } catch (UserError e) {
      err.println("javisor: " + e.getMessage());
    } catch (RuntimeException | Error e) {
      err.println("javisor: this is a bug in Javisor, please report it:");
      e.printStackTrace(err);
    }
    return ExitCode.OURS;
  }

  private static @Nullable Command command(String word) {
    return switch (word) {
      case "run" -> new RunCommand();
      case "doctor" -> new DoctorCommand();
      default -> null;
    };
  }

  private static int run(Command command, List<String> words, PrintStream out) {
    Arguments given = Arguments.parse(command.options(), words);
    if (given.has(HELP)) {
      return tell(command.help().text(), out);
    }
    return given.has(VERSION) ? tell(VERSION_TEXT, out) : command.call(given, out);
  }

  /// `javisor` without a command.
  private static int alone(Arguments given, PrintStream out) {
    if (given.has(HELP)) {
      return tell(help().text(), out);
    }
    if (given.has(VERSION)) {
      return tell(VERSION_TEXT, out);
    }
    if (given.stray() != null) {
      throw new UsageException("unknown command: '" + given.stray() + "'");
    }
    throw new UsageException("a command is missing: run or doctor");
  }

  private static int tell(String text, PrintStream out) {
    out.print(text);
    out.flush();
    return ExitCode.OK;
  }

  private static Help help() {
    return new Help(
        "Boots Linux guests: a hypervisor on the class path.",
        "javisor [-hV] [COMMAND]",
        "",
        OPTIONS,
        COMMANDS);
  }
}
