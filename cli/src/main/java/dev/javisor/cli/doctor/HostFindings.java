package dev.javisor.cli.doctor;

import dev.javisor.cli.doctor.Finding.Level;
import dev.javisor.linux.fd.Fd;
import dev.javisor.x86.engine.SoftwareProbe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Looks at this host, one finding a subject.
public final class HostFindings {
  private static final long MIB = 1 << 20;
  private static final String KVM = "kvm";

  private HostFindings() {}

  /// @param cache where measurements are kept
  public static List<Finding> gather(Path cache) {
    return List.of(
        kvm(cache), software(), memory(), hugePages(), tun(), packageClient(), jdk(), aotCache());
  }

  private static Finding kvm(Path cache) {
    KvmVerdict verdict = KvmVerdict.of(KvmInspection.inspectAnew(cache));
    Level level = verdict.usable() ? Level.OK : Level.NOTE;
    return new Finding(KVM, level, verdict.finding(), verdict.remedy());
  }

  private static Finding software() {
    String speed = String.format(Locale.ROOT, "%.0f MIPS", SoftwareProbe.mips());
    return new Finding(
        "software", Level.OK, "our own processor runs anywhere; here, when warm: " + speed, "");
  }

  /// The engine that `--accel auto` takes, given what was found.
  public static String engine(List<Finding> findings) {
    boolean isHardware =
        findings.stream().anyMatch(f -> f.subject().equals(KVM) && f.level() == Level.OK);
    return isHardware ? KVM : "software";
  }

  private static Finding memory() {
    long free = HostMemory.availableBytes();
    return free >= 512 * MIB
        ? new Finding("memory", Level.OK, free / MIB + " MiB free for guests", "")
        : new Finding(
            "memory",
            Level.NOTE,
            "only " + free / MIB + " MiB free for guests",
            "give a guest less: run -m 256M");
  }

  private static Finding hugePages() {
    String setting = read(Path.of("/sys/kernel/mm/transparent_hugepage/enabled"));
    Matcher chosen = Pattern.compile("\\[(\\w+)]").matcher(setting);
    String mode = chosen.find() ? chosen.group(1) : "absent";
    return mode.equals("always") || mode.equals("madvise")
        ? new Finding("hugepages", Level.OK, "2 MiB pages for guest memory: " + mode, "")
        : new Finding(
            "hugepages",
            Level.NOTE,
            "2 MiB pages for guest memory: " + mode,
            "as root: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
  }

  private static Finding tun() {
    long fd = Fd.tryOpen("/dev/net/tun", Fd.O_RDWR);
    if (fd >= 0) {
      Fd.of(fd, "/dev/net/tun").close();
      return new Finding("tun", Level.OK, "/dev/net/tun can be opened", "");
    }
    return new Finding(
        "tun",
        Level.NOTE,
        "/dev/net/tun: " + dev.javisor.linux.call.Errno.name((int) -fd),
        "only --network tap= needs it; as root: modprobe tun");
  }

  private static Finding packageClient() {
    Path apt = onPath("apt-get");
    return apt != null
        ? new Finding("packages", Level.OK, apt + " can fetch the built-in guest", "")
        : new Finding(
            "packages",
            Level.NOTE,
            "no apt-get here to fetch the built-in guest",
            "boot your own: run --kernel FILE --initrd FILE");
  }

  private static Finding jdk() {
    return new Finding(
        "jdk", Level.OK, Runtime.version() + " at " + System.getProperty("java.home"), "");
  }

  private static Finding aotCache() {
    String used = System.getProperty("javisor.aot", "");
    return used.isEmpty()
        ? new Finding("aot", Level.NOTE, "no AOT cache yet", "it is made behind the first run")
        : new Finding("aot", Level.OK, "start-up from " + used, "");
  }

  static @Nullable Path onPath(String program) {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      Path candidate = Path.of(directory.isEmpty() ? "." : directory, program);
      if (Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
