package dev.javisor.cli.doctor;

import dev.javisor.kvm.KvmHypervisor;
import dev.javisor.kvm.KvmProbe;
import dev.javisor.linux.fd.Fd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds out the facts about KVM on this host. What cannot be read counts as absent.
public final class KvmInspection {
  private static final Path DEVICE = Path.of("/dev/kvm");

  private KvmInspection() {}

  /// @param cache where the measured speed is kept, by boot of the host; made when needed
  public static KvmFacts inspect(Path cache) {
    return inspect(cache, 0);
  }

  /// The same for a person who asks why KVM is not used: a speed known as slow is measured anew.
  public static KvmFacts inspectAnew(Path cache) {
    return inspect(cache, KvmProbe.HARDWARE_MIPS_MIN);
  }

  private static KvmFacts inspect(Path cache, double believedFrom) {
    long fd = Fd.tryOpen(DEVICE.toString(), Fd.O_RDWR);
    if (fd < 0) {
      return refused((int) -fd);
    }
    Fd.of(fd, DEVICE.toString()).close();
    return KvmFacts.opened(mips(cache, believedFrom));
  }

  private static double mips(Path cache, double believedFrom) {
    String boot = read(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    KnownSpeed speed = new KnownSpeed(cache, boot);
    double known = speed.mips();
    if (known >= believedFrom) {
      return known;
    }
    double mips = measure();
    speed.remember(mips);
    return mips;
  }

  private static KvmFacts refused(int errno) {
    String cpuinfo = read(Path.of("/proc/cpuinfo"));
    return new KvmFacts(
        Files.exists(DEVICE),
        errno,
        mode(),
        group(),
        groups(read(Path.of("/proc/self/status"))),
        accountGroups(),
        flag(cpuinfo),
        module(),
        isContainer(),
        cpuinfo.contains(" hypervisor"),
        -1);
  }

  private static double measure() {
    try (KvmHypervisor kvm = KvmHypervisor.open()) {
      return KvmProbe.mips(kvm);
    } catch (RuntimeException e) {
      return -1; // whatever it was: no guest runs
    }
  }

  private static String mode() {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(DEVICE));
    } catch (IOException e) {
      return "";
    }
  }

  private static String group() {
    try {
      return Files.readAttributes(DEVICE, PosixFileAttributes.class).group().getName();
    } catch (IOException e) {
      return "";
    }
  }

  /// Names of the group ids in `Groups:` of /proc/self/status, and of the primary one.
  static Set<String> groups(String status) {
    Set<String> ids = new TreeSet<>();
    for (String line : status.split("\n", -1)) {
      if (line.startsWith("Groups:") || line.startsWith("Gid:")) {
        ids.addAll(Arrays.asList(line.substring(line.indexOf(':') + 1).strip().split("\\s+")));
      }
    }
    Set<String> names = new TreeSet<>();
    for (String line : read(Path.of("/etc/group")).split("\n", -1)) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 3 && ids.contains(fields[2])) {
        names.add(fields[0]);
      }
    }
    return names;
  }

  private static Set<String> accountGroups() {
    String user = System.getProperty("user.name", "");
    Set<String> names = new TreeSet<>();
    for (String line : read(Path.of("/etc/group")).split("\n", -1)) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 4 && Arrays.asList(fields[3].split(",", -1)).contains(user)) {
        names.add(fields[0]);
      }
    }
    return names;
  }

  private static String flag(String cpuinfo) {
    Matcher flags = Pattern.compile("(?m)^flags\\s*:.*\\b(vmx|svm)\\b").matcher(cpuinfo);
    return flags.find() ? flags.group(1) : "";
  }

  private static String module() {
    for (String name : new String[] {"kvm_intel", "kvm_amd", "kvm_pvm"}) {
      if (Files.isDirectory(Path.of("/sys/module", name))) {
        return name;
      }
    }
    return "";
  }

  private static boolean isContainer() {
    return Files.exists(Path.of("/.dockerenv"))
        || Files.exists(Path.of("/run/.containerenv"))
        || Files.exists(Path.of("/run/systemd/container"));
  }

  static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
