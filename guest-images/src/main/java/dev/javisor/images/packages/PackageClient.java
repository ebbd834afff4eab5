package dev.javisor.images.packages;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Fetches package files into a cache, each once. A file stands in the cache whole or not at all:
/// it arrives in a directory of its own and is renamed. To fetch anew, delete it from the cache.
public final class PackageClient {

  /// A package file in the cache.
  ///
  /// @param name the package's, behind any meta package
  /// @param version as the package's file name has it
  public record Fetched(String name, String version, Path file) {
    public DebPackage open() {
      return new DebPackage(file);
    }
  }

  /// Debian Policy 5.6.1; and so nothing the client could take for an option or a path.
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9+.-]+");

  /// `FileChannel.lock` keeps out other processes; threads of this one would get an exception.
  private static final Object IN_THIS_PROCESS = new Object();

  private final Path cache;
  private final Apt.Programs programs;
  private final @Nullable String architecture;

  /// @param cache a directory, made when needed
  public PackageClient(Path cache) {
    this(cache, Apt.Programs.ON_PATH, null);
  }

  PackageClient(Path cache, Apt.Programs programs, @Nullable String architecture) {
    this.cache = cache.toAbsolutePath();
    this.programs = programs;
    this.architecture = architecture;
  }

  /// Packages of another architecture than this machine's, as `i386`.
  ///
  /// @param cache a directory for those alone, made when needed
  public static PackageClient ofArchitecture(String architecture, Path cache) {
    return new PackageClient(cache, Apt.Programs.ON_PATH, architecture);
  }

  /// The file of package `name`, from the cache or the distribution. A kernel's meta package, as
  /// `linux-image-cloud-amd64`, stands for the kernel it depends on.
  ///
  /// @throws IOException if there is no package client or it has no such package
  public Fetched fetch(String name, Progress progress) throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not a package's name: \"" + name + "\"");
    }
    Optional<Fetched> cached = cached(name);
    return cached.isPresent() ? cached.get() : fetchLocked(name, progress);
  }

  private Fetched fetchLocked(String name, Progress progress) throws IOException {
    Files.createDirectories(cache);
    synchronized (IN_THIS_PROCESS) {
      try (FileChannel file =
              FileChannel.open(
                  cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = file.lock()) {
        assert lock.isValid();
        Optional<Fetched> cached = cached(name); // another may have been faster
        return cached.isPresent() ? cached.get() : download(name, progress);
      }
    }
  }

  /// With the machine's lists, which may be absent or older than the archive; then with ours. They
  /// have nothing of another architecture.
  private Fetched download(String name, Progress progress) throws IOException {
    if (architecture != null) {
      return downloadWithOwnLists(name, progress);
    }
    try {
      return download(Apt.withHostLists(programs), name, progress);
    } catch (Apt.Refusal refusal) {
      try {
        return downloadWithOwnLists(name, progress);
      } catch (Apt.Refusal e) {
        e.addSuppressed(refusal);
        throw new IOException(
            e.getMessage() + " (or name a kernel with --kernel FILE --initrd FILE)", e);
      }
    }
  }

  /// Where a source of several cannot be reached, the others' lists are there all the same.
  private Fetched downloadWithOwnLists(String name, Progress progress) throws IOException {
    Apt own = Apt.withOwnLists(programs, cache.resolve("apt"), architecture);
    progress.step("package lists", Progress.UNKNOWN);
    Optional<Apt.Refusal> failure = Optional.empty();
    try {
      own.update();
    } catch (Apt.Refusal e) {
      failure = Optional.of(e);
    }
    try {
      return download(own, name, progress);
    } catch (Apt.Refusal e) {
      failure.ifPresent(e::addSuppressed);
      throw e;
    }
  }

  private Fetched download(Apt apt, String name, Progress progress) throws IOException {
    String resolved = apt.resolve(name);
    Path arriving = arrivals();
    try {
      if (cached(resolved).isEmpty()) {
        Apt.Offer offer = apt.offer(resolved);
        progress.step(resolved, offer.bytes());
        apt.download(resolved, arriving);
        Path file = onlyFile(arriving, resolved);
        Files.move(file, cache.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
      if (!resolved.equals(name)) {
        Path note = Files.writeString(arriving.resolve("stands-for"), resolved);
        Files.move(note, metaFile(name), StandardCopyOption.ATOMIC_MOVE);
      }
    } finally {
      deleteTree(arriving);
    }
    return cached(name)
        .orElseThrow(() -> new IOException("%s: gone from %s again".formatted(name, cache)));
  }

  /// An empty directory; what a process that died left in it goes. Only the lock's holder is here.
  private Path arrivals() throws IOException {
    Path arriving = cache.resolve("arriving");
    deleteTree(arriving);
    return Files.createDirectory(arriving);
  }

  private static Path onlyFile(Path directory, String name) throws IOException {
    Path file = newest(directory, name);
    if (file == null) {
      throw new IOException("apt-get download " + name + ": it left no file");
    }
    return file;
  }

  private Optional<Fetched> cached(String name) throws IOException {
    String resolved = Files.exists(metaFile(name)) ? Files.readString(metaFile(name)) : name;
    Path file = newest(cache, resolved);
    if (file == null) {
      return Optional.empty();
    }
    String[] parts = file.getFileName().toString().split("_", -1);
    return Optional.of(new Fetched(resolved, parts[1].replace("%3a", ":"), file));
  }

  private static @Nullable Path newest(Path directory, String name) throws IOException {
    if (!Files.isDirectory(directory)) {
      return null;
    }
    Path newest = null;
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            directory, entry -> isPackage(entry.getFileName().toString(), name))) {
      for (Path file : files) {
        if (newest == null
            || Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(newest)) > 0) {
          newest = file;
        }
      }
    }
    return newest;
  }

  private static boolean isPackage(String fileName, String name) {
    return fileName.startsWith(name + "_") && fileName.endsWith(".deb");
  }

  private Path metaFile(String name) {
    return cache.resolve(name + ".stands-for");
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
