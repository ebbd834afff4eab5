package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The contracts of an engine, on KVM: JUnit in L1 over the test classes of `kvm-binding`, and over
/// the very same ones right here where a `/dev/kvm` opens.
@Lab
class KvmContractsInLabIT {
  /// A test that vanishes must be noticed, so these are raised by hand when one joins: how many run
  /// in the lab, and how many here. Neither has those that its emulator is known to fail.
  private static final String EXPECTED = "kvm-lab/expected-kvm-tests";

  private static final int TIMEOUT_SECONDS = 600;

  @Test
  void everyContractHoldsInTheLab(Host lab) throws IOException {
    int here =
        HereHost.hasKvm() ? passes(new HereHost(), selection("beyond-emulating-kvm"), "") : -1;
    int there = passes(lab, selection("beyond-tcg"), "");
    System.out.printf(
        Locale.ROOT,
        "COUNTS kvm-contracts lab=%d native=%s%n",
        there,
        here < 0 ? "absent" : String.valueOf(here));
    String[] expected = Files.readString(Host.checkout().resolve(EXPECTED)).strip().split(" ", 2);
    assertEquals(
        Integer.parseInt(expected[0]), there, "tests that ran in the lab, against " + EXPECTED);
    if (here >= 0) {
      assertEquals(Integer.parseInt(expected[1]), here, "tests that ran here, against " + EXPECTED);
    }
  }

  private static String selection(String without) {
    return "--include-tag=kvm --exclude-tag=" + without;
  }

  /// 100,000 kicks, with JFR's CPU-time sampler sending signals to the same threads.
  @Test
  @Tag("long")
  void noKickIsLostInTheLongRun(Host lab) throws IOException {
    assertEquals(
        1,
        passes(
            lab,
            "--include-classname=.*KickStressTest",
            "-Djavisor.kicks=100000 -Djavisor.kickSeconds=540 -Djavisor.kickJfr=true"));
  }

  /// How many tests were found, all of which passed.
  private static int passes(Host host, String selection, String properties) throws IOException {
    Host.Result result = host.run(TIMEOUT_SECONDS, launcher(selection, properties));
    assertEquals(0, result.exitCode(), result::toString);
    result.stdout().lines().filter(line -> line.contains("Test: ")).forEach(System.out::println);
    int found = count(result, "found");
    assertEquals(found, count(result, "successful"), result::toString);
    return found;
  }

  private static String launcher(String selection, String properties) {
    String modules = "";
    for (String module :
        new String[] {"vmm-core", "testkit", "host-linux", "kvm-binding", "x86-cpu"}) {
      modules += module + "/target/classes:";
    }
    return "$JAVA_HOME/bin/java -ea -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED "
        + properties
        + " -cp '"
        + modules
        + "kvm-binding/target/test-classes:kvm-lab/target/lib/*'"
        + " org.junit.platform.console.ConsoleLauncher execute --disable-banner"
        + " --details=tree --disable-ansi-colors"
        + " --scan-class-path=kvm-binding/target/test-classes "
        + selection;
  }

  private static int count(Host.Result result, String what) {
    Matcher matcher = Pattern.compile("\\[ *(\\d+) tests " + what).matcher(result.stdout());
    assertEquals(true, matcher.find(), result::toString);
    return Integer.parseInt(matcher.group(1));
  }
}
