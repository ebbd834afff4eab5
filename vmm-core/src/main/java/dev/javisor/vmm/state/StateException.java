package dev.javisor.vmm.state;

/// A saved state is damaged, foreign or newer than this version. The message says which record.
public final class StateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StateException(String message) {
    super(message);
  }
}
