package dev.javisor.cli;

/// Something the person can put right: its message is the one line to show, with exit code 125.
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UserError(String message) {
    super(message, null, false, false);
  }
}
