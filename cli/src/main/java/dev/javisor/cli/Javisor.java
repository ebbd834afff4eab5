package dev.javisor.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;

/// The command. `javisor run` with no arguments boots a Linux to a shell.
@Command(
    name = "javisor",
    version = "javisor 0.1.0",
    mixinStandardHelpOptions = true,
    header = "Boots Linux guests: a hypervisor on the class path.",
    subcommands = {RunCommand.class, DoctorCommand.class},
    footer = {
      "",
      "Examples:",
      "  javisor run                        a Linux guest to its shell; `poweroff` ends it",
      "  javisor run -- uname -a            one command in a guest, its exit code ours",
      "  echo 'ls /' | javisor run          a script from standard input",
      "  javisor doctor                     what this host offers, and what to do about the rest"
    })
public final class Javisor {
  private Javisor() {}

  public static void main(String[] args) {
    int code = commandLine().execute(args);
    TerminalGuard.endedWell();
    System.out.flush();
    // Pumps may block in a read of standard input for ever.
    Runtime.getRuntime().halt(code);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Javisor())
        .setExecutionExceptionHandler(executionErrors())
        .setParameterExceptionHandler(parameterErrors())
        .setStopAtPositional(false)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  private static IExecutionExceptionHandler executionErrors() {
    return (failure, command, parsed) -> {
      PrintWriter err = command.getErr();
      if (failure instanceof UserError) {
        err.println("javisor: " + failure.getMessage());
      } else {
        err.println("javisor: this is a bug in Javisor, please report it:");
        failure.printStackTrace(err);
      }
      err.flush();
      return ExitCode.OURS;
    };
  }

  private static IParameterExceptionHandler parameterErrors() {
    return (failure, args) -> {
      PrintWriter err = failure.getCommandLine().getErr();
      err.println("javisor: " + failure.getMessage());
      err.println(
          "javisor: see `"
              + failure.getCommandLine().getCommandSpec().qualifiedName()
              + " --help`");
      err.flush();
      return ExitCode.OURS;
    };
  }
}
