package dev.javisor.cli.session;

import dev.javisor.cli.console.DuplexConsole;
import dev.javisor.cli.console.EscapeKeys;
import dev.javisor.cli.console.InputPump;
import dev.javisor.cli.console.OutputPump;
import dev.javisor.linux.terminal.Terminal;
import dev.javisor.vmm.backend.ByteConsole;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// This process's standard streams and log file as a guest's consoles; they outlive its reboots.
/// Not through `System.out`, which swallows the error of a reader that went away.
final class RunConsoles implements AutoCloseable {
  private static final long TERMINAL_DRAIN_NANOS = 2_000_000_000L;

  private final OutputPump out;
  private final OutputPump err;
  private final OutputPump log;
  private final InputPump in;
  private final @Nullable Terminal terminal;

  /// @param first what was already read of standard input, and the rest of it
  /// @param keys what the escape keys do; used with a terminal only
  RunConsoles(InputStream first, @Nullable Terminal terminal, Path logFile, Keys keys)
      throws IOException {
    this.terminal = terminal;
    this.out = new OutputPump("stdout", new FileOutputStream(FileDescriptor.out));
    this.err = new OutputPump("stderr", new FileOutputStream(FileDescriptor.err));
    this.log = new OutputPump("kernel-log", open(logFile));
    this.in =
        new InputPump(
            "stdin",
            terminal == null ? first : new EscapeKeys(first, keys::powerButton, keys::kill));
    if (terminal != null) {
      terminal.makeRaw();
    }
  }

  /// What a person can ask for with keys.
  interface Keys {
    void powerButton();

    void kill();
  }

  private static OutputStream open(Path file) throws IOException {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.newOutputStream(file);
    } catch (IOException e) {
      throw new IOException(
          file + ": cannot write the kernel's log there; name another, --log-file", e);
    }
  }

  /// The terminal, or whatever the streams are.
  ByteConsole terminalConsole() {
    return new Lasting(new DuplexConsole(in, out));
  }

  ByteConsole stdin() {
    return new Lasting(in);
  }

  ByteConsole stdout() {
    return new Lasting(out);
  }

  ByteConsole stderr() {
    return new Lasting(err);
  }

  ByteConsole logFile() {
    return new Lasting(log);
  }

  /// Writes a line for the person, past the raw mode; in one piece, so that who waits for it wakes
  /// once.
  void say(String text) {
    String line = "javisor: " + text + "\n";
    System.err.print(terminal == null ? line : line.replace("\n", "\r\n"));
    System.err.flush();
  }

  /// Waits until the guest's output has left. A pipe is waited for as any program would; a
  /// terminal, which may be stopped, for two seconds.
  ///
  /// @return whether nobody will miss any of it
  boolean drain() {
    long limit = terminal == null ? Long.MAX_VALUE / 4 : TERMINAL_DRAIN_NANOS;
    boolean all = out.drain(limit) && err.drain(limit) && log.drain(TERMINAL_DRAIN_NANOS);
    return all || terminal != null;
  }

  static InputStream standardInput() {
    return new FileInputStream(FileDescriptor.in);
  }

  @Override
  public void close() {
    if (terminal != null) {
      terminal.close();
    }
    log.close();
  }

  /// Devices close their consoles when the machine ends; these go on to the next.
  private record Lasting(ByteConsole console) implements ByteConsole {
    @Override
    public int write(java.lang.foreign.MemorySegment source) {
      return console.write(source);
    }

    @Override
    public int read(java.lang.foreign.MemorySegment target) {
      return console.read(target);
    }

    @Override
    public void onReady(Runnable ready) {
      console.onReady(ready);
    }

    @Override
    public void close() {
      console.onReady(() -> {});
    }
  }
}
