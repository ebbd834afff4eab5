package dev.javisor.images.micro;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The micro guest in QEMU's emulator, its four ports connected: the oracle for our own machine.
final class GuestUnderQemu implements AutoCloseable {
  private final Process process;
  private final Path directory;
  private final GuestPorts ports;

  /// @param directory for sockets and the serial port's log
  /// @param extra more of QEMU's options
  GuestUnderQemu(Path kernel, Path initramfs, Path directory, String... extra) throws IOException {
    this.directory = directory;
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-M",
                "q35",
                "-cpu",
                "qemu64",
                "-accel",
                "tcg",
                "-m",
                "512",
                "-nodefaults",
                "-display",
                "none",
                "-no-reboot",
                "-kernel",
                kernel.toString(),
                "-initrd",
                initramfs.toString(),
                "-append",
                MicroGuest.CMDLINE,
                "-serial",
                "file:" + directory.resolve("serial"),
                "-monitor",
                "unix:" + directory.resolve("monitor") + ",server=on,wait=off",
                "-device",
                "virtio-serial-pci",
                "-chardev",
                "null,id=terminal",
                "-device",
                "virtconsole,chardev=terminal,nr=0"));
    command.addAll(List.of(extra));
    List<ServerSocketChannel> servers = new ArrayList<>();
    for (int i = 0; i < GuestPorts.NAMES.length; i++) {
      Path socket = directory.resolve("port" + i);
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      servers.add(server.bind(UnixDomainSocketAddress.of(socket)));
      command.addAll(
          List.of(
              "-chardev",
              "socket,id=port%d,path=%s".formatted(i, socket),
              "-device",
              "virtserialport,chardev=port%d,name=%s,nr=%d"
                  .formatted(i, GuestPorts.NAMES[i], i + 1)));
    }
    process = new ProcessBuilder(command).inheritIO().start();
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

  void monitor(String line) throws IOException {
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("monitor")))) {
      awaitPrompt(channel);
      channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
      awaitPrompt(channel); // it forgets a command whose sender is gone
    }
  }

  private static void awaitPrompt(SocketChannel channel) throws IOException {
    StringBuilder text = new StringBuilder();
    ByteBuffer some = ByteBuffer.allocate(256);
    while (text.indexOf("(qemu) ") < 0 && channel.read(some) > 0) {
      text.append(new String(some.array(), 0, some.position(), StandardCharsets.ISO_8859_1));
      some.clear();
    }
  }

  /// Whether it has powered off or reset.
  boolean ends() throws InterruptedException {
    return process.waitFor(60, TimeUnit.SECONDS);
  }

  String serial() throws IOException {
    return Files.readString(directory.resolve("serial"), StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    ports.close();
  }
}
