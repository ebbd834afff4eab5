package dev.javisor.cli;

import dev.javisor.images.micro.WordBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The words of the command line as they were given. The JVM decodes them by the locale, and in
/// the C locale puts U+FFFD for each byte above 127; Linux still knows them.
final class OriginalWords {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

  private OriginalWords() {}

  /// `args` themselves if they are ASCII.
  static List<String> of(String[] args) {
    if (isAscii(args)) {
      return List.of(args);
    }
    try {
      return last(args.length, Files.readAllBytes(COMMAND_LINE));
    } catch (IOException e) {
      return List.of(args);
    }
  }

  private static boolean isAscii(String[] words) {
    for (String word : words) {
      for (int i = 0; i < word.length(); i++) {
        if (word.charAt(i) >= 0x80) {
          return false;
        }
      }
    }
    return true;
  }

  /// The last `count` of the words in `commandLine`, each of which ends with a NUL.
  static List<String> last(int count, byte[] commandLine) {
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < commandLine.length; i++) {
      if (commandLine[i] == 0) {
        words.add(WordBytes.decode(Arrays.copyOfRange(commandLine, start, i)));
        start = i + 1;
      }
    }
    return words.subList(words.size() - count, words.size());
  }
}
