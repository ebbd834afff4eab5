package dev.javisor.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.vmm.hypervisor.VmExit;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `IN`, `OUT`, `INS` and `OUTS` exit with their port, width and data (SDM 1, 19.3).
public abstract class PortContract extends EngineContract {
  private static final int PORT = 0x1234;
  private static final int BUFFER = 0x5000;

  @Test
  void outOfEachWidthExitsWithItsBytes() {
    PayloadGuest guest =
        guest(realMode().movDx(PORT).movEax(0x8765_4321).outDxAl().outDxAx().outDxEax());
    assertOut(guest, 1, 0x21);
    assertOut(guest, 2, 0x4321);
    assertOut(guest, 4, 0x8765_4321L);
  }

  private static void assertOut(PayloadGuest guest, int size, long value) {
    VmExit.PortOut out = guest.run(VmExit.PortOut.class);
    assertEquals(PORT, out.port());
    assertEquals(size, out.size());
    assertEquals(1, out.count());
    assertEquals(size, out.data().limit());
    assertEquals(value, PayloadGuest.little(out.data()));
  }

  @Test
  void inOfEachWidthChangesThatMuchOfTheRegister() {
    PayloadGuest guest = comesInOneTwoAndFourBytes();
    in(guest, 1).put(0, (byte) 0xA1);
    assertOut(guest, 4, 0x1111_11A1);
    in(guest, 2).putShort(0, (short) 0xB2B1);
    assertOut(guest, 4, 0x1111_B2B1);
    in(guest, 4).putInt(0, 0xC4C3_C2C1);
    assertOut(guest, 4, 0xC4C3_C2C1L);
  }

  /// Shows EAX after each of three INs.
  private PayloadGuest comesInOneTwoAndFourBytes() {
    return guest(
        realMode()
            .movDx(PORT)
            .movEax(0x1111_1111)
            .inAlDx()
            .outDxEax()
            .inAxDx()
            .outDxEax()
            .inEaxDx()
            .outDxEax());
  }

  /// The data of one item that is to come in.
  private static ByteBuffer in(PayloadGuest guest, int size) {
    VmExit.PortIn in = guest.run(VmExit.PortIn.class);
    assertEquals(PORT, in.port());
    assertEquals(size, in.size());
    assertEquals(1, in.count());
    assertEquals(size, in.data().limit());
    return in.data();
  }

  @Test
  void ofAnAnswerAsManyBytesComeInAsWereAskedFor() {
    PayloadGuest guest = comesInOneTwoAndFourBytes();
    assertEquals(1, in(guest, 1).limit());
    guest.vcpu().answer(0xA4A3_A2A1L);
    assertOut(guest, 4, 0x1111_11A1);
    assertEquals(2, in(guest, 2).limit());
    guest.vcpu().answer(0xB4B3_B2B1L);
    assertOut(guest, 4, 0x1111_B2B1);
    assertEquals(4, in(guest, 4).limit());
    guest.vcpu().answer(-1L << 32 | 0xC4C3_C2C1L);
    assertOut(guest, 4, 0xC4C3_C2C1L);
  }

  @Test
  void theHighestPortAndAnImmediateOneArePorts() {
    PayloadGuest guest = guest(realMode().movAl(7).movDx(0xFFFF).outDxAl().outAl(0x80));
    assertEquals(7, guest.runToOut(0xFFFF));
    assertEquals(7, guest.runToOut(0x80));
  }

  @Test
  void repOutsSendsEveryByteInOrder() {
    for (int size : new int[] {1, 2, 4}) {
      byte[] sent = pattern(12 * size);
      var code = realMode().cld().movDx(PORT).movSi(BUFFER).movCx(12);
      code = size == 1 ? code.repOutsb() : size == 2 ? code.repOutsw() : code.repOutsd();
      PayloadGuest guest = guest(code.outAl(0x10));
      guest.put(BUFFER, sent);
      assertArrayEquals(sent, drain(guest, size));
    }
  }

  /// An engine may hand over several items at once, or one at a time.
  private static byte[] drain(PayloadGuest guest, int size) {
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    while (true) {
      VmExit.PortOut out = guest.run(VmExit.PortOut.class);
      if (out.port() == 0x10) {
        return received.toByteArray();
      }
      assertEquals(PORT, out.port());
      assertEquals(size, out.size());
      assertEquals(size * out.count(), out.data().limit());
      received.writeBytes(PayloadGuest.array(out.data()));
    }
  }

  @Test
  void repInsStoresEveryByteInOrder() {
    for (int size : new int[] {1, 2, 4}) {
      byte[] sent = pattern(12 * size);
      var code = realMode().cld().movDx(PORT).movDi(BUFFER).movCx(12);
      code = size == 1 ? code.repInsb() : size == 2 ? code.repInsw() : code.repInsd();
      PayloadGuest guest = guest(code.outAl(0x10));
      assertEquals(sent.length, feed(guest, size, sent));
      byte[] stored = guest.ram().asSlice(BUFFER, sent.length).toArray(ValueLayout.JAVA_BYTE);
      assertArrayEquals(sent, stored);
      assertEquals(0, guest.ramByte(BUFFER + sent.length), "not a byte more");
    }
  }

  /// Feeds until the guest is through; how many bytes it took.
  private static int feed(PayloadGuest guest, int size, byte[] bytes) {
    int fed = 0;
    while (guest.run() instanceof VmExit.PortIn in) {
      assertEquals(PORT, in.port());
      assertEquals(size, in.size());
      int length = size * in.count();
      in.data().put(0, bytes, fed, length);
      fed += length;
    }
    return fed;
  }

  private static byte[] pattern(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 7 + 1);
    }
    return bytes;
  }

  @Test
  void aThousandExitsComeInOrder() {
    PayloadGuest guest = guest(realMode().movAl(0).label("again").outAl(0x10).incAl().jmp("again"));
    List<Long> wrong = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      long value = guest.runToOut(0x10);
      if (value != (i & 0xFF)) {
        wrong.add(value);
      }
    }
    assertEquals(List.of(), wrong);
  }
}
