package dev.javisor.images.micro;

import dev.javisor.images.initrd.CpioWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Writes the micro guest's initramfs.
record MicroInitramfs(KernelPackage kernel, Busybox busybox) {

  private static final Map<String, String> ETC =
      Map.of(
          "etc/passwd",
          "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
          "etc/group",
          "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n",
          "etc/hostname",
          "micro\n",
          "etc/hosts",
          "127.0.0.1 localhost\n");

  void writeTo(Path file) throws IOException {
    try (CpioWriter cpio = new CpioWriter(new BufferedOutputStream(Files.newOutputStream(file)))) {
      writeDirectories(cpio);
      writeConfiguration(cpio);
      writeDevices(cpio);
      writeModules(cpio);
      writeBusybox(cpio);
    }
  }

  private static void writeDirectories(CpioWriter cpio) throws IOException {
    for (String path :
        List.of(
            "bin",
            "dev",
            "etc",
            "lib",
            "lib/javisor",
            "lib/javisor/dev",
            "lib/modules",
            "mnt",
            "proc",
            "run",
            "sys",
            "usr",
            "var")) {
      cpio.directory(path, 0755);
    }
    cpio.directory("root", 0700);
    cpio.directory("tmp", 01777);
    for (String path : List.of("sbin", "usr/bin", "usr/sbin")) {
      cpio.symlink(path, path.startsWith("usr/") ? "../bin" : "bin");
    }
    cpio.symlink("var/run", "../run");
    cpio.symlink("var/tmp", "../tmp");
  }

  private static void writeConfiguration(CpioWriter cpio) throws IOException {
    cpio.file("init", 0755, resource("init"));
    cpio.file("lib/javisor/session", 0644, resource("session"));
    cpio.file("lib/javisor/start", 0644, resource("start"));
    cpio.file("etc/fstab", 0644, resource("fstab"));
    cpio.file("etc/profile", 0644, resource("profile"));
    for (String path : ETC.keySet().stream().sorted().toList()) {
      cpio.file(path, 0644, bytes(Objects.requireNonNull(ETC.get(path))));
    }
  }

  /// For the moment before devtmpfs; and what udev would add to it, in a place to copy it from.
  private static void writeDevices(CpioWriter cpio) throws IOException {
    cpio.characterDevice("dev/console", 0600, 5, 1);
    cpio.characterDevice("dev/null", 0666, 1, 3);
    cpio.directory("lib/javisor/dev/pts", 0755);
    cpio.directory("lib/javisor/dev/shm", 01777);
    cpio.symlink("lib/javisor/dev/fd", "/proc/self/fd");
    cpio.symlink("lib/javisor/dev/stdin", "/proc/self/fd/0");
    cpio.symlink("lib/javisor/dev/stdout", "/proc/self/fd/1");
    cpio.symlink("lib/javisor/dev/stderr", "/proc/self/fd/2");
  }

  private void writeModules(CpioWriter cpio) throws IOException {
    StringBuilder order = new StringBuilder();
    for (Map.Entry<String, byte[]> module : kernel.modules().entrySet()) {
      cpio.file("lib/modules/" + module.getKey() + ".ko", 0644, module.getValue());
      order.append(module.getKey()).append(".ko\n");
    }
    cpio.file("lib/javisor/modules", 0644, bytes(order.toString()));
  }

  private void writeBusybox(CpioWriter cpio) throws IOException {
    cpio.file("bin/busybox", 0755, busybox.program());
    for (String applet : busybox.applets()) {
      if (!applet.equals("busybox") && applet.indexOf('/') < 0) {
        cpio.symlink("bin/" + applet, "busybox");
      }
    }
  }

  static byte[] resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(MicroInitramfs.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
