package dev.javisor.cli;

import picocli.CommandLine.Command;

@Command(name = "run")
final class RunCommand implements java.util.concurrent.Callable<Integer> {
  public Integer call() {
    return 0;
  }
}
