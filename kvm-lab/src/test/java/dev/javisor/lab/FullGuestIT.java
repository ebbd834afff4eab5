package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Debian 12 with systemd on our own processor: one boot, in which root logs in at the serial
/// console, runs the checks of `full/checks` and powers off. What they have to print was published,
/// or is what the host's processor computes.
@OnSoftware
class FullGuestIT {
  /// Three times what a check may take.
  private static final int CHECK_SECONDS = 90;

  @TempDir private static Path scratch;
  private static FullGuest.Visit visit;

  @BeforeAll
  static void boot(Host host) throws IOException, InterruptedException, TimeoutException {
    visit = FullGuest.with().visit((HereHost) host, "checks", CHECK_SECONDS, scratch);
  }

  @Test
  void rootLogsInAndPowersOff() throws IOException {
    assertEquals(0, visit.exitCode(), visit.console());
    assertTrue(visit.console().contains("reboot: Power down"), visit.console());
    assertFalse(visit.console().contains("Call Trace"), visit.console());
    FullGuest.shell( // it was unmounted
        "PATH=$PATH:/usr/sbin:/sbin; e2fsck -fn '%s'".formatted(visit.disk()));
  }

  @Test
  void everythingIsStartedAndNothingFailed() throws IOException {
    visit.assertPrints("system.sh");
  }

  @Test
  void digestsAreThePublishedOnes() throws IOException {
    visit.assertPrints("digests.sh");
  }

  @Test
  void aesIsTheStandards() throws IOException {
    visit.assertPrints("aes.sh");
  }

  @Test
  void aesInGaloisCounterModeIsThePapers() throws IOException {
    visit.assertPrints("gcm.py");
  }

  @Test
  void rsaVerifiesAndSignsAndJavaVerifiesWhatItSigned()
      throws IOException, GeneralSecurityException {
    String[] printed = visit.output("rsa.sh").split("pss ", 2);
    assertEquals(FullGuest.file("expected/rsa.sh"), printed[0]);
    Signature pss = Signature.getInstance("RSASSA-PSS");
    pss.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
    pss.initVerify(publicKey());
    pss.update(FullGuest.file("checks/rsa/message").getBytes(StandardCharsets.UTF_8));
    assertTrue(pss.verify(HexFormat.of().parseHex(printed[1].strip())), printed[1]);
  }

  @Test
  void pythonPrintsWhatItPrintsOnTheHost() throws IOException {
    visit.assertPrints("python.py");
  }

  private static PublicKey publicKey() throws IOException, GeneralSecurityException {
    String base64 = FullGuest.file("checks/rsa/public.pem").replaceAll("(?m)^-.*$|\\s", "");
    byte[] key = Base64.getDecoder().decode(base64);
    return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(key));
  }
}
