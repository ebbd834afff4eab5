package dev.javisor.images.micro;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  Pattern READY = Pattern.compile("READY ([0-9]{1,4})");
  Pattern EXIT = Pattern.compile("EXIT ([0-9]{1,3})");

  /// @param line without its newline
  static GuestReply parse(String line) {
    if (line.equals("ACK")) {
      return new Ack();
    }
    Matcher ready = READY.matcher(line);
    if (ready.matches()) {
      return new Ready(Integer.parseInt(ready.group(1)));
    }
    Matcher exit = EXIT.matcher(line);
    return exit.matches() && Integer.parseInt(exit.group(1)) <= 255
        ? new Exit(Integer.parseInt(exit.group(1)))
        : new Unknown(line);
  }
}
