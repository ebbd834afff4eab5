package dev.javisor.cli;

/// How the process ends when the guest's command does not decide it (docs/cli.md).
public final class ExitCode {
  public static final int OK = 0;
  public static final int PANIC = 121;
  public static final int TRIPLE_FAULT = 122;
  public static final int STUCK = 123;
  public static final int OURS = 125;

  /// And the number of the signal.
  public static final int SIGNAL = 128;

  private ExitCode() {}
}
