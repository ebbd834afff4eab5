package dev.javisor.images.micro;

import dev.javisor.images.packages.DebPackage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tukaani.xz.XZInputStream;

/// What a Debian kernel package gives the micro guest: the kernel image, and those modules that are
/// wanted and not built in, in an order in which they can be loaded.
///
/// @param release as `uname -r` will say
/// @param modules contents by name, decompressed, dependencies first
record KernelPackage(String release, Map<String, byte[]> modules) {

  /// A module's file, whole; the largest Debian ships has 4 MiB.
  private static final int MODULE_BYTES_MAX = 32 << 20;

  /// Passes over the package until no dependency is missing; each costs seconds, one is normal.
  private static final int PASSES_MAX = 8;

  private static final String MODULES = "lib/modules/";

  /// Reads the package once more for each layer of dependencies that `wanted` does not name.
  ///
  /// @param image where the kernel image goes
  static KernelPackage read(DebPackage deb, List<String> wanted, Path image) throws IOException {
    Set<String> names = new HashSet<>(wanted);
    for (int pass = 0; pass < PASSES_MAX; pass++) {
      Reading reading = new Reading(names, image);
      deb.visitFiles(reading);
      Set<String> missing = reading.missing();
      if (missing.isEmpty()) {
        return new KernelPackage(reading.release(deb), reading.inOrder(wanted));
      }
      names.addAll(missing);
    }
    throw new IOException(deb.file() + ": modules that depend on ever more modules");
  }

  /// The names after `depends=` in a module's `.modinfo` section. (The package has no modules.dep:
  /// depmod writes it when the package is installed.)
  static List<String> dependencies(byte[] module) {
    byte[] key = "\0depends=".getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at + key.length < module.length; at++) {
      if (matches(module, at, key)) {
        int start = at + key.length;
        int end = start;
        while (end < module.length && module[end] != 0) {
          end++;
        }
        String names = new String(module, start, end - start, StandardCharsets.US_ASCII);
        return names.isEmpty() ? List.of() : List.of(names.split(","));
      }
    }
    return List.of();
  }

  private static boolean matches(byte[] bytes, int at, byte[] key) {
    for (int i = 0; i < key.length; i++) {
      if (bytes[at + i] != key[i]) {
        return false;
      }
    }
    return true;
  }

  /// One pass over the package.
  private static final class Reading implements DebPackage.Visitor {
    private final Set<String> names;
    private final Path image;
    private final Map<String, byte[]> modules = new TreeMap<>();
    private final Set<String> builtIn = new HashSet<>();
    private String release = "";

    Reading(Set<String> names, Path image) {
      this.names = names;
      this.image = image;
    }

    @Override
    public void visit(DebPackage.Entry entry, InputStream content) throws IOException {
      String path = entry.path();
      if (entry.kind() != DebPackage.Kind.FILE) {
        return;
      }
      if (path.startsWith("boot/vmlinuz-")) {
        release = path.substring("boot/vmlinuz-".length());
        Files.write(image, content.readAllBytes());
      } else if (path.startsWith(MODULES) && path.endsWith("/modules.builtin")) {
        String list = new String(content.readAllBytes(), StandardCharsets.UTF_8);
        list.lines().forEach(line -> builtIn.add(moduleName(line)));
      } else if (path.startsWith(MODULES) && names.contains(moduleName(path))) {
        modules.put(moduleName(path), module(path, content));
      }
    }

    private static byte[] module(String path, InputStream content) throws IOException {
      InputStream plain = path.endsWith(".xz") ? new XZInputStream(content) : content;
      byte[] bytes = plain.readNBytes(MODULE_BYTES_MAX);
      if (!path.endsWith(".ko") && !path.endsWith(".ko.xz")) {
        throw new IOException(path + ": a module in a compression we do not know");
      }
      return bytes;
    }

    /// `a/b/virtio-rng.ko.xz` is the module `virtio_rng`; any other file is none.
    private static String moduleName(String path) {
      String file = path.substring(path.lastIndexOf('/') + 1);
      int dot = file.indexOf(".ko");
      return dot < 0 ? "" : file.substring(0, dot).replace('-', '_');
    }

    Set<String> missing() {
      Set<String> missing = new HashSet<>();
      for (byte[] module : modules.values()) {
        missing.addAll(dependencies(module));
      }
      missing.removeAll(builtIn);
      missing.removeAll(modules.keySet());
      missing.removeAll(names); // looked for and not there: inOrder says so
      return missing;
    }

    String release(DebPackage deb) throws IOException {
      if (release.isEmpty()) {
        throw new IOException(deb.file() + ": not a kernel's package: it has no boot/vmlinuz-*");
      }
      return release;
    }

    Map<String, byte[]> inOrder(List<String> wanted) throws IOException {
      Map<String, byte[]> ordered = new LinkedHashMap<>();
      for (String name : wanted) {
        add(name, new ArrayList<>(), ordered);
      }
      return ordered;
    }

    private void add(String name, List<String> dependents, Map<String, byte[]> ordered)
        throws IOException {
      if (builtIn.contains(name) || ordered.containsKey(name)) {
        return;
      }
      byte[] module = modules.get(name);
      if (module == null || dependents.contains(name)) {
        throw new IOException(
            "kernel %s has no usable module %s (for %s)".formatted(release, name, dependents));
      }
      dependents.add(name);
      for (String dependency : dependencies(module)) {
        add(dependency, dependents, ordered);
      }
      dependents.removeLast();
      ordered.put(name, module);
    }
  }
}
