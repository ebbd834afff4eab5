package dev.javisor.cli.session;

/// How much Javisor says about a run on stderr, beside what ended it. Each includes those before.
public enum LogLevel {
  /// Only why a run ended, if not well.
  ERROR,
  /// What a person should know: a guest that shows no sign of life, output that was lost.
  WARN,
  /// Which engine and why, and what the start took.
  INFO,
  /// What the vCPUs exited for.
  DEBUG;

  public boolean says(LogLevel message) {
    return message.compareTo(this) <= 0;
  }
}
