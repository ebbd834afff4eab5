package dev.javisor.images.micro;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/// The host's ends of the four ports, whatever carries them.
final class GuestPorts implements AutoCloseable {
  /// In the order of their numbers.
  static final String[] NAMES = {
    GuestProtocol.CONTROL_PORT,
    GuestProtocol.STDIN_PORT,
    GuestProtocol.STDOUT_PORT,
    GuestProtocol.STDERR_PORT
  };

  private final SocketChannel[] channels;
  private final InputStream control;
  private final OutputStream requests;

  GuestPorts(SocketChannel... channels) {
    this.channels = channels;
    this.control = Channels.newInputStream(channels[0]);
    this.requests = Channels.newOutputStream(channels[0]);
  }

  void send(byte[] line) throws IOException {
    requests.write(line);
  }

  /// The guest's next line; empty at the end.
  String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c; (c = control.read()) >= 0 && c != '\n'; ) {
      line.write(c);
    }
    return line.toString(StandardCharsets.US_ASCII);
  }

  GuestReply reply() throws IOException {
    return GuestReply.parse(line());
  }

  /// Feeds stdin and closes it.
  CompletableFuture<Integer> feed(byte[] bytes) {
    return onThread(
        () -> {
          try (OutputStream out = Channels.newOutputStream(channels[1])) {
            out.write(bytes);
          }
          return bytes.length;
        });
  }

  CompletableFuture<byte[]> stdout() {
    return onThread(() -> Channels.newInputStream(channels[2]).readAllBytes());
  }

  CompletableFuture<byte[]> stderr() {
    return onThread(() -> Channels.newInputStream(channels[3]).readAllBytes());
  }

  /// Exactly `count` bytes of stdout.
  byte[] stdout(int count) throws IOException {
    return Channels.newInputStream(channels[2]).readNBytes(count);
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  private static <T> CompletableFuture<T> onThread(Work<T> work) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                future.complete(work.run());
              } catch (IOException | RuntimeException e) {
                future.completeExceptionally(e);
              }
            });
    return future;
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel channel : Arrays.asList(channels)) {
      channel.close();
    }
  }
}
