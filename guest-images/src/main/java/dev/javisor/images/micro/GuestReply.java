package dev.javisor.images.micro;

/// A line the guest sent on its control port. What the guest says is not trusted: anything that is
/// no line of the protocol is [Unknown].
public sealed interface GuestReply {
  /// It waits for a request, in this version of the protocol.
  record Ready(int version) implements GuestReply {}

  /// It has taken the request; the command starts.
  record Ack() implements GuestReply {}

  /// The command has ended with this code, 0 to 255; its output is in its ports' queues.
  record Exit(int code) implements GuestReply {}

  record Unknown(String line) implements GuestReply {}

  /// No line is longer; who reads more without a newline has a hostile guest.
  int LINE_BYTES_MAX = 256;

  /// @param line without its newline
  static GuestReply parse(String line) {
    if (line.equals("ACK")) {
      return new Ack();
    }
    int version = number(line, "READY ", 4);
    if (version >= 0) {
      return new Ready(version);
    }
    int code = number(line, "EXIT ", 3);
    return code >= 0 && code <= 255 ? new Exit(code) : new Unknown(line);
  }

  /// What stands behind `word`, 1 to `digits` decimal digits and nothing else; -1 if it does not.
  private static int number(String line, String word, int digits) {
    int length = line.length() - word.length();
    if (!line.startsWith(word) || length < 1 || length > digits) {
      return -1;
    }
    int number = 0;
    for (int i = word.length(); i < line.length(); i++) {
      int digit = line.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
