package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.lab.Host.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./javisor` on the machine the tests run on, which may have no KVM, one that emulates, or a
/// true one: whichever it is, what the doctor says and what `run` does must agree.
class ThisHostIT {
  private final Host host = new HereHost();

  @TempDir private Path home;

  private Result javisor(String words) throws IOException {
    return host.run(
        300, "XDG_CACHE_HOME='%s' XDG_STATE_HOME='%1$s' ./javisor %s".formatted(home, words));
  }

  /// The engine that the doctor says machines run on here.
  private String engine() throws IOException {
    Result doctor = javisor("doctor --format json");
    doctor.assertExit(0);
    boolean isKvm = doctor.stdout().contains("\"engine\" : \"kvm\"");
    assertTrue(isKvm || doctor.stdout().contains("\"engine\" : \"software\""), doctor.toString());
    return isKvm ? "kvm" : "software";
  }

  @Test
  void withoutUsableKvmAskingForItIsRefusedAndDownloadsNothing() throws IOException {
    boolean isKvm = engine().equals("kvm");
    Result run = javisor("run --accel kvm --boot-timeout 1 -- true");
    if (isKvm || HereHost.hasKvm()) { // one that emulates is tried, and takes longer than that
      boolean isGivenUp = run.exitCode() == 125 && run.stderr().contains("was not up within 1 s");
      assertTrue(run.exitCode() == 0 || isGivenUp, run.toString());
      boolean isWarned =
          run.stderr().startsWith("javisor: warning: /dev/kvm answers, but emulates");
      assertEquals(!isKvm, isWarned, run.toString());
      return;
    }
    assertEquals(125, run.exitCode(), run.toString());
    assertTrue(run.stderr().startsWith("javisor: no usable KVM on this host: "), run.toString());
    assertEquals(1, run.stderr().lines().count(), run.toString());
    assertEquals("", run.stdout());
    assertFalse(Files.exists(home.resolve("javisor/guest")), "something was downloaded");
  }

  @Test
  void whatTheDoctorSaysIsWhatRunsHere() throws IOException {
    String engine = engine();
    Result run = javisor("run -v -- sh -c 'echo it runs; exit 5'");
    run.assertExit(5);
    assertEquals("it runs\n", run.stdout());
    assertTrue(run.stderr().contains("javisor: engine " + engine + ": "), run.toString());
    Guests.counted(engine, "6.1", 1, 1);
  }

  /// Who may not use a KVM, and has no home to keep a cache in, runs on our own processor all the
  /// same.
  @Test
  void anotherUserRunsTheSame() throws IOException {
    String dropped =
        "cd '%s' && rm -rf /tmp/javisor-other-user && HOME=/nonexistent XDG_STATE_HOME=/tmp/javisor-other-user"
            + " XDG_CACHE_HOME=/tmp/javisor-other-user exec setpriv --reuid 65534"
            + " --regid 65534 --clear-groups ./javisor run -v -- id -u";
    boolean root = "root".equals(System.getProperty("user.name"));
    Result run =
        root
            ? host.run(300, dropped.formatted(Host.checkout()))
            : javisor("run -v -- id -u"); // this user is the other user
    run.assertExit(0);
    assertEquals("0\n", run.stdout(), run.toString()); // root in the guest
    boolean isKvm = run.stderr().contains("javisor: engine kvm: ");
    assertTrue(isKvm || run.stderr().contains("javisor: engine software: "), run.toString());
    Guests.counted(isKvm ? "kvm" : "software", "6.1", 1, 1);
  }

  @Test
  void anEmptyInputBootsNothingAndSaysSo() throws IOException {
    Result run = javisor("run </dev/null");
    assertEquals(0, run.exitCode(), run.toString());
    assertTrue(run.stderr().contains("nothing was booted"), run.toString());
  }

  @Test
  void aDryRunIsAFixedPoint() throws IOException {
    Result once =
        javisor(
            "run --dry-run --cpus 3 -m 1G --disk 'a b.img,ro' --network tap=t0 -- sh -c \"echo 'x'\"");
    assertEquals(0, once.exitCode(), once.toString());
    Files.writeString(home.resolve("machine.json"), once.stdout());
    Result twice = javisor("run --config - --dry-run <'" + home.resolve("machine.json") + "'");
    assertEquals(once.stdout(), twice.stdout(), twice.toString());
  }

  @Test
  void mistakesAreOneLineAndCode125() throws IOException {
    for (String mistake :
        new String[] {
          "run --cpus 0", "run --memory lots", "run --no-such-option", "run --initrd x",
          "run uname", "run --kernel x -- true", "run --config /nonexistent", "run --accel xen"
        }) {
      Result run = javisor(mistake + " --dry-run");
      assertEquals(125, run.exitCode(), mistake + ": " + run);
      assertTrue(run.stderr().startsWith("javisor: "), mistake + ": " + run);
      assertTrue(run.stderr().lines().count() <= 2, mistake + ": " + run);
    }
  }

  @Test
  void withoutAJdkTheLauncherNamesWhatItFound() throws IOException {
    Result run =
        host.run(
            60,
            "JAVA_HOME=/nonexistent PATH=/usr/bin:/bin unshare -m sh -c"
                + " 'mount -t tmpfs none /usr/lib/jvm && exec ./javisor run' 2>&1");
    if ("root".equals(System.getProperty("user.name"))) {
      assertEquals(125, run.exitCode(), run.toString());
      assertTrue(run.stdout().contains("needs a JDK of 25 or newer"), run.toString());
      assertTrue(run.stdout().contains("JAVA_HOME="), run.toString());
    } else {
      assertTrue(run.exitCode() != 0, run.toString());
    }
  }
}
