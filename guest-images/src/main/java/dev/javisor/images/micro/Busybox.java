package dev.javisor.images.micro;

import dev.javisor.images.packages.DebPackage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The static busybox, and the names it answers to.
///
/// @param applets in its own order
record Busybox(byte[] program, List<String> applets) {
  private static final int PROGRAM_BYTES_MAX = 32 << 20;
  private static final int APPLETS_MAX = 1000;

  static Busybox read(DebPackage deb) throws IOException {
    ByteArrayOutputStream found = new ByteArrayOutputStream();
    deb.visitFiles(
        (entry, content) -> {
          if (entry.path().equals("bin/busybox") || entry.path().equals("usr/bin/busybox")) {
            found.write(content.readNBytes(PROGRAM_BYTES_MAX));
          }
        });
    List<String> applets = applets(found.toByteArray());
    if (applets.isEmpty()) {
      throw new IOException(deb.file() + ": it has no busybox that we can read");
    }
    return new Busybox(found.toByteArray(), applets);
  }

  /// Its table of names: sorted, each ended by NUL, all by one more; `[` and `[[` come first.
  /// (`busybox --list` prints the same, but would have to run here.)
  static List<String> applets(byte[] program) {
    String text = new String(program, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("\0[\0[[\0") + 1;
    List<String> names = new ArrayList<>();
    while (at > 0 && at < text.length() && text.charAt(at) != 0 && names.size() < APPLETS_MAX) {
      int end = text.indexOf('\0', at);
      if (end < 0) {
        return List.of();
      }
      names.add(text.substring(at, end));
      at = end + 1;
    }
    return names;
  }
}
