package dev.javisor.vmm.memory;

/// The guest handed us something impossible. Its device stops; the machine and the host do not.
public final class GuestFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GuestFault(String message) {
    super(message, null, false, false); // no stack trace: a hostile guest can raise these at will
  }
}
