package dev.javisor.images.micro;

import java.nio.charset.StandardCharsets;

/// Names and lines of the guest protocol, as the host needs them. The host opens all four ports
/// before it sends the request, which is a [GuestRequest]; it reads [GuestReply] lines.
public final class GuestProtocol {
  public static final int VERSION = 1;

  public static final String CONTROL_PORT = "javisor.control";
  public static final String STDIN_PORT = "javisor.stdin";
  public static final String STDOUT_PORT = "javisor.stdout";
  public static final String STDERR_PORT = "javisor.stderr";

  /// Sends signal `number` to the command's process group. After ACK.
  public static byte[] signal(int number) {
    return line("SIGNAL " + number);
  }

  /// The command's terminal has a new size. After ACK, with a terminal only.
  public static byte[] resize(int rows, int columns) {
    return line("RESIZE " + rows + " " + columns);
  }

  /// Nobody reads the command's output `descriptor` any more: its next write there gets SIGPIPE.
  ///
  /// @param descriptor 1 for stdout, 2 for stderr
  public static byte[] hangup(int descriptor) {
    return line("HANGUP " + descriptor);
  }

  private static byte[] line(String text) {
    return (text + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  private GuestProtocol() {}
}
