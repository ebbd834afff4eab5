package dev.javisor.cli;

import dev.javisor.linux.process.Replacement;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Starts over with the JVM flags of another engine: KVM's guests want a small JVM that starts
/// fast, our own processor one that compiles well. The launcher guesses by what it sees; this is
/// for when it was wrong.
final class Relaunch {
  /// What the launcher took flags for: `kvm` or `software`; not there without a launcher.
  private static final String ENGINE = "javisor.engine";

  private static final String LAUNCHER = "javisor.launcher";
  private static final String WORDS = "javisor.words";

  private Relaunch() {}

  /// Does not return if the launcher guessed another engine; to be called before anything of the
  /// guest's exists or standard input is read.
  static void unlessFor(String engine) {
    String guessed = System.getProperty(ENGINE);
    String launcher = System.getProperty(LAUNCHER);
    if (guessed == null || launcher == null || guessed.equals(engine)) {
      return;
    }
    try {
      List<byte[]> environment = strings("/proc/self/environ");
      environment.add(("JAVISOR_ENGINE=" + engine).getBytes(StandardCharsets.US_ASCII));
      List<byte[]> line = strings("/proc/self/cmdline");
      int count = Integer.getInteger(WORDS, 0);
      List<byte[]> words = new ArrayList<>();
      words.add(launcher.getBytes(StandardCharsets.UTF_8));
      words.addAll(line.subList(line.size() - count, line.size()));
      Replacement.exec(launcher, words, environment);
    } catch (IOException e) {
      // slower then, but it runs
    }
  }

  /// The strings of a file of the kernel's that end with a NUL each.
  private static List<byte[]> strings(String file) throws IOException {
    List<byte[]> strings = new ArrayList<>();
    ByteArrayOutputStream current = new ByteArrayOutputStream();
    for (byte b : Files.readAllBytes(Path.of(file))) {
      if (b == 0) {
        strings.add(current.toByteArray());
        current.reset();
      } else {
        current.write(b);
      }
    }
    return strings;
  }
}
