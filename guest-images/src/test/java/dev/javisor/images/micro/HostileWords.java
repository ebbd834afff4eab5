package dev.javisor.images.micro;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Words a shell would like to make something of.
final class HostileWords {
  private HostileWords() {}

  static final List<String> WORDS =
      List.of(
          "",
          "'",
          "''",
          "\"",
          "\\",
          "\\n",
          "\n",
          "a\nb\n",
          "\n\n'\n",
          "$(touch /tmp/oops)",
          "`id`",
          "$nl",
          "${nl}",
          "$1",
          "*",
          "~",
          "-n",
          "--",
          "a=b",
          "#",
          " ",
          "\t\r\u000b",
          "; exit 1",
          "'; exit 1; '",
          "'\"$nl\"'",
          "\u007f\u001b[31m",
          "%s\\0041");

  /// Sends them through `shell` as arguments, variables and directory; then every byte there is,
  /// alone and in random company.
  static void survive(ShellReader shell) throws IOException {
    assertEquals(WORDS, shell.read(of(WORDS).line()).argv());
    assertEquals("grüße 猫", utf8(shell.read(GuestRequest.of("grüße 猫").line()).argv().getFirst()));
    for (String word : WORDS) {
      GuestRequest request =
          new GuestRequest(
              List.of("true"), Map.of("A-B.C", word), word, null, word, 0, new byte[0], false);
      ShellReader.Read read = shell.read(request.line());
      assertEquals("A-B.C=" + word, read.words().get(5));
      assertEquals(word, read.variable("cwd"));
      assertEquals(word, read.variable("hostname"));
    }
    surviveBytes(shell);
  }

  private static void surviveBytes(ShellReader shell) throws IOException {
    List<String> words = new ArrayList<>();
    StringBuilder all = new StringBuilder();
    for (char c = 1; c < 256; c++) {
      words.add(String.valueOf(c));
      words.add(c + "x" + c);
      all.append(c);
    }
    words.add(all.toString());
    long seed = 0x5E11;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      StringBuilder word = new StringBuilder();
      for (int length = random.nextInt(40); length > 0; length--) {
        word.append((char) (1 + random.nextInt(255)));
      }
      words.add(word.toString());
    }
    List<String> sent =
        words.stream()
            .map(word -> WordBytes.decode(word.getBytes(StandardCharsets.ISO_8859_1)))
            .toList();
    assertEquals(words, shell.read(of(sent).line()).argv());
  }

  private static GuestRequest of(List<String> words) {
    return GuestRequest.of(words.toArray(String[]::new));
  }

  private static String utf8(String latin1) {
    return new String(latin1.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
