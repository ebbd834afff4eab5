package dev.javisor.images.micro;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WordBytesTest {

  @Test
  void whatIsUtf8IsReadAsThat() {
    byte[] bytes = "naïve 🦆 猫\t".getBytes(StandardCharsets.UTF_8);
    assertEquals("naïve 🦆 猫\t", WordBytes.decode(bytes));
    assertArrayEquals(bytes, WordBytes.encode("naïve 🦆 猫\t"));
  }

  @Test
  void aByteThatIsNotUtf8StandsAsALoneSurrogate() {
    assertEquals("a\udcffb\udc80", WordBytes.decode(HexFormat.of().parseHex("61ff6280")));
    assertEquals("\udcc3", WordBytes.decode(new byte[] {(byte) 0xC3})); // cut short
    assertEquals("\udced\udcb2\udc80", WordBytes.decode(HexFormat.of().parseHex("edb280")));
  }

  @Test
  void anyBytesSurvive() {
    long seed = 0xB17E5;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(12)];
      random.nextBytes(bytes);
      assertArrayEquals(bytes, WordBytes.encode(WordBytes.decode(bytes)));
    }
  }
}
