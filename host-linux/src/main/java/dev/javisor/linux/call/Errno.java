package dev.javisor.linux.call;

/// Error numbers of Linux on x86-64 (man 3 errno) that somebody here tells apart, and the names
/// of the common rest for messages.
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int E2BIG = 7;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int EINVAL = 22;
  public static final int ENOTTY = 25;
  public static final int ENOSPC = 28;
  public static final int EPIPE = 32;
  public static final int ENOSYS = 38;
  public static final int EOPNOTSUPP = 95;

  private static final String[] NAMES = new String[134];

  static {
    String[] low =
        ("EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT"
                + " ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY"
                + " ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG"
                + " ENOLCK ENOSYS ENOTEMPTY ELOOP")
            .split(" ");
    System.arraycopy(low, 0, NAMES, 1, low.length);
    NAMES[EOPNOTSUPP] = "EOPNOTSUPP";
    NAMES[110] = "ETIMEDOUT";
  }

  private Errno() {}

  /// `EACCES` for 13; `errno 200` for what has no name here.
  public static String name(int errno) {
    String name = errno > 0 && errno < NAMES.length ? NAMES[errno] : null;
    return name == null ? "errno " + errno : name;
  }
}
