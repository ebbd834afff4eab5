package dev.javisor.cli.options;

/// The command line makes no sense: one line that says why.
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message, null, false, false);
  }
}
