package dev.javisor.linux.terminal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.javisor.linux.call.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

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
      return ioctl(fd, TCGETS, scratch.allocate(TERMIOS_BYTES, 4)) == 0;
    }
  }

  /// Remembers the modes that [#close] puts back.
  ///
  /// @throws dev.javisor.linux.call.SyscallException if `fd` is no terminal
  public static Terminal of(int fd) {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment termios = scratch.allocate(TERMIOS_BYTES, 4);
      Syscall.check(ioctl(fd, TCGETS, termios), "TCGETS", "fd " + fd);
      return new Terminal(fd, termios.toArray(JAVA_BYTE));
    }
  }

  /// Every key goes through as it is, none is echoed, none makes a signal.
  public void makeRaw() {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment raw = scratch.allocateFrom(JAVA_BYTE, saved);
      clear(raw, IFLAG, RAW_IFLAGS_OFF);
      clear(raw, OFLAG, RAW_OFLAGS_OFF);
      clear(raw, LFLAG, RAW_LFLAGS_OFF);
      clear(raw, CFLAG, RAW_CFLAGS_OFF);
      raw.set(INT, CFLAG, raw.get(INT, CFLAG) | CS8);
      raw.set(JAVA_BYTE, CC + VMIN, (byte) 1);
      raw.set(JAVA_BYTE, CC + VTIME, (byte) 0);
      Syscall.check(ioctl(fd, TCSETSW, raw), "TCSETSW", "fd " + fd);
      changed = true;
    }
  }

  private static final java.lang.foreign.ValueLayout.OfInt INT =
      java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

  private static void clear(MemorySegment termios, int at, int bits) {
    termios.set(INT, at, termios.get(INT, at) & ~bits);
  }

  /// What the window measures now; 24 by 80 where the terminal does not know.
  public Size size() {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment winsize = scratch.allocate(8, 2);
      boolean known = ioctl(fd, TIOCGWINSZ, winsize) == 0;
      int rows = winsize.get(JAVA_SHORT, 0) & 0xFFFF;
      int columns = winsize.get(JAVA_SHORT, 2) & 0xFFFF;
      return known && rows > 0 && columns > 0 ? new Size(rows, columns) : new Size(24, 80);
    }
  }

  private static long ioctl(int fd, long request, MemorySegment argument) {
    return Syscall.invoke(Syscall.IOCTL, fd, request, argument.address());
  }

  @Override
  public void close() {
    if (changed) {
      try (Arena scratch = Arena.ofConfined()) {
        // A terminal that has gone away needs nothing put back.
        ioctl(fd, TCSETSW, scratch.allocateFrom(JAVA_BYTE, saved));
      }
      changed = false;
    }
  }
}
