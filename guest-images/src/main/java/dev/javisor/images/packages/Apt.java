package dev.javisor.images.packages;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Debian's package client as a program: with the machine's own package lists, or with lists of
/// ours, which need no root and no machine that has ever updated its own.
record Apt(Programs programs, List<String> options) {

  /// The two programs' names or paths.
  record Programs(String aptGet, String aptCache) {
    static final Programs ON_PATH = new Programs("apt-get", "apt-cache");
  }

  /// What a package file is called, and its size in bytes.
  record Offer(String fileName, long bytes) {}

  /// The client ran and said no.
  static final class Refusal extends IOException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message);
    }
  }

  private static final List<String> PATIENCE =
      List.of(
          "-q",
          "-o",
          "Acquire::Retries=2",
          "-o",
          "Acquire::http::Timeout=30",
          "-o",
          "APT::Sandbox::User=root"); // else, as root, it complains of a directory _apt cannot
  // enter

  private static final int OUTPUT_BYTES_MAX = 1 << 20;

  /// With the lists this machine has.
  static Apt withHostLists(Programs programs) {
    return new Apt(programs, PATIENCE);
  }

  /// With lists under `directory`, empty until [#update].
  ///
  /// @param architecture which packages, by Debian's name for it; null for the machine's own
  static Apt withOwnLists(Programs programs, Path directory, @Nullable String architecture)
      throws IOException {
    Files.createDirectories(directory.resolve("lists/partial"));
    Files.createDirectories(directory.resolve("archives/partial"));
    List<String> options = new ArrayList<>(PATIENCE);
    options.addAll(
        List.of(
            "-o",
            "Dir::State=" + directory,
            "-o",
            "Dir::State::lists=" + directory.resolve("lists"),
            "-o",
            "Dir::State::status=/dev/null",
            "-o",
            "Dir::Cache=" + directory));
    if (architecture != null) {
      options.addAll(List.of("-o", "APT::Architecture=" + architecture));
      options.addAll(List.of("-o", "APT::Architectures=" + architecture));
    }
    return new Apt(programs, List.copyOf(options));
  }

  void update() throws IOException {
    run(programs.aptGet, new File("/"), "update");
  }

  /// What a kernel's meta package stands for: the first kernel it depends on; itself if none.
  String resolve(String name) throws IOException {
    String wanted = "Depends: ";
    return run(programs.aptCache, new File("/"), "depends", name)
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith(wanted + "linux-image-") && name.startsWith("linux-image-"))
        .map(line -> line.substring(wanted.length()))
        .findFirst()
        .orElse(name);
  }

  /// A line is `'where' name size checksum`.
  Offer offer(String name) throws IOException {
    String lines = run(programs.aptGet, new File("/"), "download", "--print-uris", name);
    Optional<String[]> fields =
        lines
            .lines()
            .map(line -> line.split(" ", -1))
            .filter(words -> words.length >= 3 && words[1].endsWith(".deb"))
            .findFirst();
    if (fields.isEmpty()) {
      throw new Refusal("apt-get download " + name + ": it offers no file");
    }
    try {
      return new Offer(fields.get()[1], Long.parseLong(fields.get()[2]));
    } catch (NumberFormatException e) {
      return new Offer(fields.get()[1], Progress.UNKNOWN);
    }
  }

  void download(String name, Path directory) throws IOException {
    run(programs.aptGet, directory.toFile(), "download", name);
  }

  private String run(String program, File directory, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(options);
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory)
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"));
    builder.environment().put("LC_ALL", "C");
    Process process = start(builder, program);
    try (InputStream output = process.getInputStream()) {
      String text = new String(output.readNBytes(OUTPUT_BYTES_MAX), StandardCharsets.UTF_8);
      output.transferTo(OutputStream.nullOutputStream());
      if (process.waitFor() != 0) {
        throw new Refusal("%s %s: %s".formatted(program, String.join(" ", words), reason(text)));
      }
      return text;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(program + ": interrupted", e);
    } finally {
      process.destroy();
    }
  }

  private static Process start(ProcessBuilder builder, String program) throws IOException {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IOException(
          "no package client (%s) on this machine: name a kernel with --kernel FILE --initrd FILE"
              .formatted(program),
          e);
    }
  }

  private static String reason(String output) {
    return output
        .lines()
        .filter(line -> line.startsWith("E: ") || line.startsWith("Err:"))
        .reduce((_, last) -> last)
        .orElse(output.strip());
  }
}
