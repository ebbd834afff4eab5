package dev.javisor.images.micro;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The guest's session without a guest: the resource `session` in busybox's shell on this machine,
/// its ports sockets. It must not be sent a hostname or a time: it would set this machine's.
final class HostedSession implements AutoCloseable {
  /// Becomes `nc` once for each port, which leaves a connection on descriptor 0; then the session.
  private static final String CHAIN =
      """
      # connect DESCRIPTOR BUSYBOX RUN PORT...: 0 is the connection meant for DESCRIPTOR
      [ "$1" = 2 ] || eval "exec $1<&0"
      next=$(($1 + 1)) busybox=$2 run=$3
      shift 3
      if [ $# -gt 0 ]; then
        port=$1
        shift
        exec "$busybox" nc 127.0.0.1 "$port" -e "$busybox" sh "$run/connect" \\
          "$next" "$busybox" "$run" "$@"
      fi
      exec </dev/null >"$run/log" 2>&1
      group=$run/group
      . "$run/session"
      serve
      """;

  private final Process process;
  private final Path log;
  private final GuestPorts ports;

  HostedSession(Path busybox, Path run) throws IOException {
    log = run.resolve("log");
    Files.createDirectory(run.resolve("group"));
    Files.write(run.resolve("session"), MicroInitramfs.resource("session"));
    Files.writeString(run.resolve("connect"), CHAIN);
    List<ServerSocketChannel> servers = new ArrayList<>();
    List<String> command =
        new ArrayList<>(
            List.of(
                busybox.toString(),
                "sh",
                run.resolve("connect").toString(),
                "2",
                busybox.toString(),
                run.toString()));
    for (int i = 0; i < GuestPorts.NAMES.length; i++) {
      ServerSocketChannel server = ServerSocketChannel.open();
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      servers.add(server);
      command.add(String.valueOf(server.socket().getLocalPort()));
    }
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    SocketChannel[] channels = new SocketChannel[servers.size()];
    for (int i = 0; i < channels.length; i++) {
      channels[i] = servers.get(i).accept();
      servers.get(i).close();
    }
    ports = new GuestPorts(channels);
  }

  GuestPorts ports() {
    return ports;
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  /// Whether it has ended by itself.
  boolean ends() throws InterruptedException {
    return process.waitFor(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    ports.close();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
