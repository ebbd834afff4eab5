package dev.javisor.images.micro;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GuestReplyTest {
  @Test
  void linesOfTheProtocolAreTaken() {
    assertEquals(new GuestReply.Ready(1), GuestReply.parse("READY 1"));
    assertEquals(new GuestReply.Ready(9999), GuestReply.parse("READY 9999"));
    assertEquals(new GuestReply.Ack(), GuestReply.parse("ACK"));
    assertEquals(new GuestReply.Exit(0), GuestReply.parse("EXIT 0"));
    assertEquals(new GuestReply.Exit(255), GuestReply.parse("EXIT 255"));
    assertEquals(new GuestReply.Exit(7), GuestReply.parse("EXIT 007"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "READY",
        "READY ",
        "READY x",
        "READY 1 ",
        "READY 12345",
        "READY -1",
        "READY \u0661",
        "EXIT",
        "EXIT 256",
        "EXIT 999",
        "EXIT 1234",
        "EXIT 1x",
        "exit 1",
        " EXIT 1",
        "ACK "
      })
  void anythingElseIsUnknown(String line) {
    assertEquals(new GuestReply.Unknown(line), GuestReply.parse(line));
  }
}
