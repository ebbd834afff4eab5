package dev.javisor.images.micro;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/// Words of a command line as Java strings without loss: Linux passes bytes, which mostly, not
/// always, are UTF-8. A byte that is not stands as the lone surrogate U+DC80 + (byte - 0x80),
/// which UTF-8 has no bytes for.
public final class WordBytes {
  private static final int ESCAPE = 0xDC00;
  private static final int ESCAPE_MIN = ESCAPE + 0x80;
  private static final int ESCAPE_MAX = ESCAPE + 0xFF;

  private WordBytes() {}

  public static String decode(byte[] bytes) {
    CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder(); // reports what is malformed
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    for (CoderResult result; (result = utf8.decode(in, out, true)).isMalformed(); utf8.reset()) {
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (ESCAPE + (in.get() & 0xFF)));
      }
    }
    return out.flip().toString();
  }

  public static byte[] encode(String word) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(word.length());
    word.codePoints()
        .forEach(
            c -> {
              if (c >= ESCAPE_MIN && c <= ESCAPE_MAX) {
                bytes.write(c - ESCAPE);
              } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
              }
            });
    return bytes.toByteArray();
  }
}
