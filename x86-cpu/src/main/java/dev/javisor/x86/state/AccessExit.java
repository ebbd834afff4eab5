package dev.javisor.x86.state;

/// Leaves the instruction at hand since it needs an answer from outside the engine - a port, a
/// device's register - and runs it again when that is there. It has no stack trace and is used
/// again and again.
public final class AccessExit extends RuntimeException {
  private static final long serialVersionUID = 1;

  public AccessExit() {
    super(null, null, false, false);
  }
}
