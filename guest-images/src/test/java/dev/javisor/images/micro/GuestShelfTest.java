package dev.javisor.images.micro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestShelfTest {
  @TempDir Path shelf;

  /// A guest that was last used so long ago.
  private Path guest(String name, int days) throws IOException {
    Path home = Files.createDirectory(shelf.resolve(name));
    Files.writeString(home.resolve("release"), "6.1");
    FileTime then = FileTime.from(Instant.now().minus(Duration.ofDays(days)));
    Files.setLastModifiedTime(Files.createFile(home.resolve(GuestShelf.USED)), then);
    return home;
  }

  private List<String> guests() throws IOException {
    try (Stream<Path> files = Files.list(shelf)) {
      return List.copyOf(new TreeSet<>(files.map(f -> f.getFileName().toString()).toList()));
    }
  }

  @Test
  void onlyTheLastUsedStay() throws IOException {
    for (int days = 1; days <= GuestShelf.KEPT + 2; days++) {
      guest("guest" + days, days);
    }
    GuestShelf.tidy(shelf);
    assertEquals(List.of("guest1", "guest2", "guest3", "guest4"), guests());
  }

  @Test
  void whatIsUsedAgainIsTheNewest() throws IOException {
    for (int days = 2; days <= GuestShelf.KEPT + 1; days++) {
      guest("guest" + days, days);
    }
    Path old = guest("old", 400);
    assertTrue(GuestShelf.hold(old));
    Instant used = Files.getLastModifiedTime(old.resolve(GuestShelf.USED)).toInstant();
    assertTrue(used.isAfter(Instant.now().minusSeconds(60)), used::toString);
    GuestShelf.tidy(shelf);
    assertEquals(List.of("guest2", "guest3", "guest4", "old"), guests());
  }

  @Test
  void whatThisProcessUsesStaysHoweverOld() throws IOException {
    Path old = guest("old", 400);
    assertTrue(GuestShelf.hold(old));
    for (int days = 1; days <= GuestShelf.KEPT; days++) {
      guest("guest" + days, -days);
    }
    GuestShelf.tidy(shelf);
    assertEquals(List.of("guest1", "guest2", "guest3", "guest4", "old"), guests());
  }

  @Test
  void whatAnotherProcessUsesStays() throws IOException, InterruptedException {
    Path old = guest("old", 400);
    for (int days = 1; days <= GuestShelf.KEPT; days++) {
      guest("guest" + days, days);
    }
    Process user = anotherProcess(old);
    try {
      assertEquals('h', user.getInputStream().read());
      Files.setLastModifiedTime(old.resolve(GuestShelf.USED), FileTime.fromMillis(0));
      GuestShelf.tidy(shelf);
      assertEquals(List.of("guest1", "guest2", "guest3", "guest4", "old"), guests());
    } finally {
      user.destroy();
      user.waitFor();
    }
    GuestShelf.tidy(shelf);
    assertEquals(List.of("guest1", "guest2", "guest3", "guest4"), guests());
  }

  private static Process anotherProcess(Path home) throws IOException {
    return new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "-cp",
            System.getProperty("java.class.path"),
            Holder.class.getName(),
            home.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /// Holds a guest until it is killed; says `h` when it does.
  public static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws IOException, InterruptedException {
      System.out.println(GuestShelf.hold(Path.of(args[0])) ? "held" : "gone");
      Thread.sleep(600_000);
    }
  }

  @Test
  void aGuestThatIsGoneIsNotHeldThoughItWasOnce() throws IOException {
    Path home = guest("guest", 1);
    assertTrue(GuestShelf.hold(home));
    assertTrue(GuestShelf.hold(home));
    Files.delete(home.resolve(GuestShelf.USED));
    Files.delete(home.resolve("release"));
    Files.delete(home);
    assertFalse(GuestShelf.hold(home));
  }

  @Test
  void halfRemovedAndHalfBuiltOnesAreNoGuests() throws IOException {
    for (int days = 1; days <= GuestShelf.KEPT + 1; days++) {
      guest("guest" + days, days);
    }
    Files.createFile(shelf.resolve("lock"));
    Files.createDirectory(shelf.resolve("building"));
    guest("removing", 0);
    GuestShelf.tidy(shelf);
    assertEquals(List.of("building", "guest1", "guest2", "guest3", "guest4", "lock"), guests());
  }
}
