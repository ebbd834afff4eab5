package dev.javisor.cli;

import dev.javisor.cli.doctor.HostFindings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/// What the launcher runs once, in the background, to make the AOT cache: does what every start
// does and
/// loads every class of ours, without a KVM, so that the cache is the same on every host.
public final class AotTraining {
  private AotTraining() {}

  public static void main(String[] args) throws IOException {
    PrintWriter nowhere =
        new PrintWriter(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    Javisor.commandLine()
        .setOut(nowhere)
        .execute("run", "--dry-run", "--disk", "x,ro", "--", "true");
    Javisor.commandLine().setOut(nowhere).execute("doctor");
    Javisor.commandLine().setOut(nowhere).execute("--help");
    HostFindings.gather(XdgPaths.cache());
    for (String jar : System.getProperty("java.class.path", "").split(":", -1)) {
      loadOurs(jar);
    }
  }

  private static void loadOurs(String jar) throws IOException {
    try (JarFile file = new JarFile(jar)) {
      for (Enumeration<JarEntry> all = file.entries(); all.hasMoreElements(); ) {
        String name = all.nextElement().getName();
        if (name.startsWith("dev/javisor/") && name.endsWith(".class")) {
          load(name.substring(0, name.length() - ".class".length()).replace('/', '.'));
        }
      }
    }
  }

  private static void load(String name) {
    try {
      Class.forName(name, false, AotTraining.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      // package-info and the like: nothing to cache
    }
  }
}
