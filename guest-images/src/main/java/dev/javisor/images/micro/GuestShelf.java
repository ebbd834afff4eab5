package dev.javisor.images.micro;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which guests in the cache are in use, and the end of those that have not been for long. Who uses
/// one has a shared lock on a file in it until the process ends, so that none goes away under a
/// machine, which reads its kernel again at each restart. The file's time is that of the last use.
final class GuestShelf {
  /// A kernel or two, and what they were built with before.
  static final int KEPT = 4;

  static final String USED = "used";

  /// Not more often is the time of the last use written: nothing in the cache changes on most days.
  private static final Duration PRECISION = Duration.ofDays(1);

  private static final String REMOVING = "removing";
  private static final Map<Path, Held> HELD = new HashMap<>();

  private GuestShelf() {}

  /// @param directory which one it was: a name may be another's by now
  private record Held(@Nullable Object directory, @Nullable FileLock lock) {}

  /// Keeps the guest in `home` from going away as long as this process lives.
  ///
  /// @return whether it is there
  static synchronized boolean hold(Path home) throws IOException {
    try {
      Object directory = identity(home);
      Held held = HELD.get(home);
      if (held == null || !Objects.equals(held.directory, directory)) {
        HELD.put(home, new Held(directory, lock(home)));
      }
      return Objects.equals(directory, identity(home)); // whoever removes it has the lock
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static @Nullable Object identity(Path home) throws IOException {
    return Files.readAttributes(home, BasicFileAttributes.class).fileKey();
  }

  private static @Nullable FileLock lock(Path home) throws IOException {
    try {
      touch(home);
      return open(home.resolve(USED)).lock(0, Long.MAX_VALUE, true);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (FileSystemException e) {
      return null; // A cache that may only be read: nobody who may write to it uses it.
    }
  }

  /// Before there is a lock: the JDK opens a file to set its time, and whoever closes a file gives
  /// up all of the process's locks on it.
  private static void touch(Path home) throws IOException {
    Path used = home.resolve(USED);
    Instant now = Instant.now();
    if (Files.exists(used) && lastUse(home).toInstant().isBefore(now.minus(PRECISION))) {
      Files.setLastModifiedTime(used, FileTime.from(now));
    }
  }

  private static FileChannel open(Path used) throws IOException {
    return FileChannel.open(
        used, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /// Removes all guests in `shelf` but those in use and the [#KEPT] that were used last. For
  /// whoever holds the lock under which guests are built. What cannot be removed stays until the
  /// next time.
  static synchronized void tidy(Path shelf) {
    try {
      Path removing = shelf.resolve(REMOVING);
      delete(removing); // what a dead process left
      for (Path home : guests(shelf).stream().skip(KEPT).toList()) {
        if (!HELD.containsKey(home) && take(home, removing)) {
          delete(removing);
        }
      }
    } catch (IOException e) {
      // Room on the disk is no reason to run nothing.
    }
  }

  /// The last used first.
  private static List<Path> guests(Path shelf) throws IOException {
    try (Stream<Path> files = Files.list(shelf)) {
      return files
          .filter(file -> Files.exists(file.resolve("release")))
          .sorted(Comparator.comparing(GuestShelf::lastUse).reversed())
          .toList();
    }
  }

  /// Of a guest from before there was a mark: when it was built.
  private static FileTime lastUse(Path home) {
    try {
      Path used = home.resolve(USED);
      return Files.getLastModifiedTime(Files.exists(used) ? used : home);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }

  /// Takes a guest away from its place, if nobody uses it.
  private static boolean take(Path home, Path removing) throws IOException {
    try (FileChannel used = open(home.resolve(USED));
        FileLock lock = used.tryLock()) {
      if (lock == null) {
        return false;
      }
      Files.move(home, removing, StandardCopyOption.ATOMIC_MOVE);
      return true;
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
