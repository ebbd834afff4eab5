package dev.javisor.linux.terminal;

import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.call.Syscall;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/// The terminal at a descriptor of this process, 0 for standard input. Closing puts back the
/// modes it had.
public final class Terminal implements AutoCloseable {
  private static final int TCGETS = 0x5401;
  private static final int TCSETSW = 0x5403;
  private static final int TIOCGWINSZ = 0x5413;

  /// The kernel's `struct termios`: four words of flags, line discipline, 19 control characters.
  private static final int TERMIOS_BYTES = 36;

  private static final int IFLAG = 0;
  private static final int OFLAG = 4;
  private static final int CFLAG = 8;
  private static final int LFLAG = 12;
  private static final int CC = 17;
  private static final int VTIME = 5;
  private static final int VMIN = 6;

  // What cfmakeraw clears: IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON; OPOST; ECHO ECHONL
  // ICANON
  // ISIG IEXTEN; CSIZE PARENB; and sets: CS8.
  private static final int RAW_IFLAGS_OFF = 0x5EB;
  private static final int RAW_OFLAGS_OFF = 0x1;
  private static final int RAW_LFLAGS_OFF = 0x804B;
  private static final int RAW_CFLAGS_OFF = 0x130;
  private static final int CS8 = 0x30;

  private final int fd;
  private final byte[] saved;
  private boolean changed;

  private Terminal(int fd, byte[] saved) {
    this.fd = fd;
    this.saved = saved;
  }

  /// Rows and columns, in characters.
  public record Size(int rows, int columns) {}

  public static boolean isTerminal(int fd) {
    try (Arena scratch = Arena.ofConfined()) {
      return ioctl(fd, TCGETS, NativeStruct.allocate(TERMIOS_BYTES, scratch)) == 0;
    }
  }

  /// Remembers the modes that [#close] puts back.
  ///
  /// @throws dev.javisor.linux.call.SyscallException if `fd` is no terminal
  public static Terminal of(int fd) {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct termios = NativeStruct.allocate(TERMIOS_BYTES, scratch);
      Syscall.check(ioctl(fd, TCGETS, termios), "TCGETS", "fd " + fd);
      return new Terminal(fd, termios.toArray());
    }
  }

  /// Every key goes through as it is, none is echoed, none makes a signal.
  public void makeRaw() {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct raw = NativeStruct.copyOf(saved, scratch);
      ByteBuffer termios = raw.bytes();
      clear(termios, IFLAG, RAW_IFLAGS_OFF);
      clear(termios, OFLAG, RAW_OFLAGS_OFF);
      clear(termios, LFLAG, RAW_LFLAGS_OFF);
      clear(termios, CFLAG, RAW_CFLAGS_OFF);
      termios.putInt(CFLAG, termios.getInt(CFLAG) | CS8);
      termios.put(CC + VMIN, (byte) 1);
      termios.put(CC + VTIME, (byte) 0);
      Syscall.check(ioctl(fd, TCSETSW, raw), "TCSETSW", "fd " + fd);
      changed = true;
    }
  }

  private static void clear(ByteBuffer termios, int at, int bits) {
    termios.putInt(at, termios.getInt(at) & ~bits);
  }

  /// What the window measures now; 24 by 80 where the terminal does not know.
  public Size size() {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct winsize = NativeStruct.allocate(8, scratch);
      boolean known = ioctl(fd, TIOCGWINSZ, winsize) == 0;
      int rows = winsize.bytes().getShort(0) & 0xFFFF;
      int columns = winsize.bytes().getShort(2) & 0xFFFF;
      return known && rows > 0 && columns > 0 ? new Size(rows, columns) : new Size(24, 80);
    }
  }

  private static long ioctl(int fd, long request, NativeStruct argument) {
    return Syscall.invoke(Syscall.IOCTL, fd, request, argument.address());
  }

  @Override
  public void close() {
    if (changed) {
      try (Arena scratch = Arena.ofConfined()) {
        // A terminal that has gone away needs nothing put back.
        ioctl(fd, TCSETSW, NativeStruct.copyOf(saved, scratch));
      }
      changed = false;
    }
  }
}
