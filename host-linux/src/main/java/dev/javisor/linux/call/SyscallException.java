package dev.javisor.linux.call;

/// The host kernel said no: which call, on what, with which arguments, which errno, and what to do.
public final class SyscallException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /// @param call the call's name, `KVM_CREATE_VCPU`
  /// @param about what it was done to and with, `vm fd 7, index 3`
  /// @param remedy what the reader can do about it, empty when nothing is known
  public SyscallException(String call, String about, int errno, String remedy) {
    super(
        "%s(%s): %s%s"
            .formatted(call, about, Errno.name(errno), remedy.isEmpty() ? "" : " — " + remedy));
    this.errno = errno;
  }

  public SyscallException(String call, String about, int errno) {
    this(call, about, errno, "");
  }

  public int errno() {
    return errno;
  }
}
