package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.images.micro.MicroGuest;
import dev.javisor.lab.Host.Result;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Javisor as a library: several machines in the life of one process.
@Lab(kernels = MicroGuest.KERNEL_PACKAGE)
class LibraryIT {
  private static final int BOOTS = Scale.of(5, 60);

  /// What a process may still grow by once it is warm: the JVM's own heap and code.
  private static final int GROWTH_MIB_MAX = 24;

  @Test
  void bootsInOneProcessLeakNothingAndAPauseKeepsTheClock(Host host) throws IOException {
    Result result =
        host.run(
            Scale.of(300, 590),
            "exec $JAVA_HOME/bin/java --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC "
                + flags(host.engine())
                + " -cp kvm-lab/target/test-classes:$(cat cli/target/launch/classpath)"
                + " dev.javisor.lab.inside.BootsInOneJvm "
                + host.engine()
                + " "
                + BOOTS
                + " ${XDG_CACHE_HOME:-$HOME/.cache}/javisor/guest");
    assertEquals(0, result.exitCode(), result.toString());
    List<String> lines = result.stdout().lines().toList();
    assertEquals(
        BOOTS, lines.stream().filter(l -> l.equals("ending PowerOff[]")).count(), result::toString);
    Guests.counted(host, "6.1", 1, BOOTS);
    assertTrue(lines.contains("paused true"), result::toString);
    // Whole seconds of two clocks, one of which was set from an RTC that has no others; the pause
    // that a clock could have missed was ten seconds long.
    assertEquals(
        2,
        lines.stream().filter(l -> l.matches("clock off by -?[01] s after (boot|pause)")).count(),
        result::toString);
    assertTrue(lines.contains("complaints 0"), result::toString);
    assertEquals(
        BOOTS,
        lines.stream().filter(l -> l.equals("disk 8+0 records out")).count(),
        result::toString);
    leaks(lines, result);
  }

  /// A heap that is resident from the start: what a collector keeps of it for later is no leak.
  private static String flags(String engine) {
    String heap = engine.equals("kvm") ? "64m" : "256m";
    return (engine.equals("kvm") ? "-XX:TieredStopAtLevel=1 " : "")
        + "-XX:+AlwaysPreTouch -Xms%s -Xmx%s".formatted(heap, heap);
  }

  private static void leaks(List<String> lines, Result result) {
    List<long[]> held =
        lines.stream().filter(l -> l.startsWith("held ")).map(LibraryIT::numbers).toList();
    assertEquals(BOOTS, held.size(), result::toString);
    long[] warm = held.get(1);
    long[] last = held.getLast();
    assertEquals(warm[0], last[0], () -> "descriptors: " + result);
    assertTrue(last[1] <= warm[1], () -> "threads: " + result);
    assertTrue(last[2] - warm[2] <= GROWTH_MIB_MAX, () -> "memory: " + result);
  }

  private static long[] numbers(String line) {
    Matcher m = Pattern.compile("fds=(\\d+) threads=(\\d+) memory=(\\d+)").matcher(line);
    assertTrue(m.find(), line);
    return new long[] {
      Long.parseLong(m.group(1)), Long.parseLong(m.group(2)), Long.parseLong(m.group(3))
    };
  }
}
