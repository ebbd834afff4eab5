package dev.javisor.devices.legacy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.fake.RecordingLine;
import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Uart16550Test {
  private static final int DATA = 0;
  private static final int IER = 1;
  private static final int IIR = 2;
  private static final int FCR = 2;
  private static final int LCR = 3;
  private static final int MCR = 4;
  private static final int LSR = 5;
  private static final int MSR = 6;
  private static final int NO_INT = 0x01;

  private final RecordingLine line = new RecordingLine();
  private final MeteredConsole console = new MeteredConsole(Long.MAX_VALUE);
  private final Uart16550 uart = new Uart16550(line, console);

  private int in(int register) {
    return (int) uart.read(register, 1);
  }

  private void out(int register, int value) {
    uart.write(register, 1, value);
  }

  private void print(String text) {
    text.chars().forEach(c -> out(DATA, c));
  }

  /// Linux's `autoconfig` and `autoconfig_16550a`, up to where they agree on PORT_16550A.
  @Test
  void linuxTakesItForA16550A() {
    out(IER, 0);
    assertEquals(0, in(IER));
    out(IER, 0x0F);
    assertEquals(0x0F, in(IER));
    out(IER, 0);
    out(MCR, 0x1A);
    assertEquals(0x90, in(MSR) & 0xF0, "the loop-back test");
    out(MCR, 0);
    out(LCR, 0xBF);
    out(FCR, 0);
    out(LCR, 0);
    out(FCR, 1);
    assertEquals(0xC0, in(IIR) & 0xC0, "FIFO works");
    for (int mode : new int[] {0x80, 0xBF}) {
      out(LCR, mode);
      assertFalse(in(IIR) == 0, "no EFR");
    }
    out(LCR, 0);
    out(FCR, 0x21);
    assertEquals(0xC0, in(IIR) & 0xE0, "no 64-byte FIFO");
    out(LCR, 0x80);
    out(FCR, 0x21);
    assertEquals(0xC0, in(IIR) & 0xE0, "no 64-byte FIFO with DLAB either");
    out(LCR, 0);
    out(IER, 0x40);
    assertEquals(0, in(IER), "no XScale bit");
  }

  /// `serial8250_THRE_test` and the TXEN test of `serial8250_do_startup`.
  @Test
  void enablingTheTransmitInterruptRaisesItEachTime() {
    for (int i = 0; i < 2; i++) {
      out(IER, 0x02);
      assertTrue(line.high());
      assertEquals(0x60, in(LSR));
      assertEquals(0x02, in(IIR) & 0x0F);
      assertFalse(line.high(), "reading IIR clears it");
      assertEquals(NO_INT, in(IIR) & 0x0F);
      out(IER, 0);
    }
    assertEquals(2, line.edges());
  }

  @Test
  void eachByteSentMakesAnEdge() {
    out(IER, 0x02);
    print("abc");
    assertEquals(4, line.edges());
    assertEquals("abc", console.text());
  }

  @Test
  void idleRegistersAreThoseOfAConnectedTerminal() {
    assertEquals(0x60, in(LSR));
    assertEquals(0xB0, in(MSR));
    assertEquals(NO_INT, in(IIR));
    out(7, 0x5A);
    assertEquals(0x5A, in(7));
  }

  @Test
  void divisorLatchHidesDataAndInterruptEnable() {
    out(LCR, 0x83);
    out(DATA, 0x0C);
    out(IER, 0xFF);
    assertEquals(0x0C, in(DATA));
    assertEquals(0xFF, in(IER));
    out(LCR, 0x03);
    assertEquals(0, in(IER));
    assertEquals("", console.text());
  }

  @Test
  void loopSendsToTheReceiverAndNotToTheHost() {
    out(FCR, 0x01);
    out(IER, 0x01);
    out(MCR, 0x13);
    console.type("from the host");
    print("loop");
    assertEquals("loop", readAll());
    assertEquals("", console.text());
    assertEquals(13, console.untyped(), "the host's input waits");
  }

  @Test
  void modemLinesReportTheirChangesOnce() {
    in(MSR);
    out(MCR, 0x14); // loop with OUT1: DCD, DSR and CTS fall, RI rises
    assertEquals(0x40 | 0x0B, in(MSR));
    assertEquals(0x40, in(MSR));
    out(IER, 0x08);
    out(MCR, 0x10);
    assertEquals(0x00, in(IIR) & 0x0F, "a modem interrupt");
    assertEquals(0x04, in(MSR), "trailing edge of RI");
    assertFalse(line.high());
  }

  @Test
  void inputRaisesTheLineAndDrainsThroughTheFifo() {
    out(FCR, 0x81); // trigger at 8
    out(IER, 0x01);
    String text = "0123456789abcdefghijklmnop";
    console.type(text);
    assertTrue(line.high());
    assertEquals(0x04, in(IIR) & 0x0F);
    assertEquals(text, readAll());
    assertFalse(line.high());
    console.type("x");
    assertEquals(0x0C, in(IIR) & 0x0F, "less than the trigger level times out");
  }

  @Test
  void inputWaitsUntilTheDriverListens() {
    console.type("early");
    out(FCR, 0x07); // Linux empties the FIFO on open
    in(LSR);
    in(DATA);
    assertEquals(5, console.untyped());
    out(IER, 0x05);
    assertEquals("early", readAll());
  }

  @Test
  void pollingGuestWithDtrAndRtsGetsInput() {
    console.type("p");
    out(MCR, 0x03);
    in(LSR);
    assertEquals(0x61, in(LSR));
    assertEquals('p', in(DATA));
  }

  @Test
  void overrunIsReportedOnce() {
    out(MCR, 0x10);
    out(IER, 0x04);
    print("ab"); // no FIFO: one byte deep
    assertEquals(0x06, in(IIR) & 0x0F);
    assertEquals(0x63, in(LSR));
    assertEquals(0x61, in(LSR));
    assertFalse(line.high());
  }

  private String readAll() {
    StringBuilder text = new StringBuilder();
    while ((in(LSR) & 1) != 0) {
      text.append((char) in(DATA));
    }
    return text.toString();
  }

  @Test
  void slowReaderGetsTheLastMebibyteAndTheCountOfTheRest() {
    MeteredConsole slow = new MeteredConsole(0);
    Uart16550 port = new Uart16550(line, slow);
    byte[] all = new byte[Uart16550.KEPT_BYTES + 5000];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) (i * 31 >>> 3);
      port.write(DATA, 1, all[i] & 0xFF);
    }
    assertEquals(5000, port.droppedBytes());
    assertEquals(0x60, port.read(LSR, 1), "never busy");
    slow.allow(100);
    slow.allow(Long.MAX_VALUE / 2);
    assertArrayEquals(Arrays.copyOfRange(all, 5000, all.length), slow.bytes());
    assertEquals(5000, port.droppedBytes());
  }

  @Test
  void closedFarEndSwallowsOutput() {
    console.close();
    print("gone");
    assertEquals(4, uart.droppedBytes());
    assertEquals(0x60, in(LSR));
  }

  @Test
  void oddAccessesReadAllOnesAndWriteNothing() {
    for (int size : new int[] {2, 4, 8}) {
      uart.write(0, size, 0x41);
      assertEquals(dev.javisor.vmm.bus.Device.allOnes(size), uart.read(0, size));
    }
    assertEquals(0xFF, uart.read(8, 1));
    assertEquals(0xFF, uart.read(-1, 1));
    assertEquals("", console.text());
  }

  @Test
  void aFreshPortGoesOnFromTheSavedState() {
    MeteredConsole slow = new MeteredConsole(3);
    Uart16550 before = new Uart16550(new RecordingLine(), slow);
    before.write(FCR, 1, 0x81);
    before.write(IER, 1, 0x03);
    before.write(LCR, 1, 0x13);
    slow.type("in");
    "output".chars().forEach(c -> before.write(DATA, 1, c));
    assertTrue(before.quiesce(System.nanoTime() + 1_000_000_000L));
    StateWriter saved = new StateWriter();
    before.save(saved);

    uart.load(new StateReader(saved.toByteArray()));
    uart.resume();
    assertEquals("put", console.text());
    assertTrue(line.high(), "what was pending is raised again");
    assertEquals(0x13, in(LCR));
    assertEquals(0xC0 | 0x0C, in(IIR));
    assertEquals("in", readAll());
    assertEquals(0x02, in(IIR) & 0x0F, "the transmit interrupt was pending too");
    StateWriter again = new StateWriter();
    before.save(again);
    assertArrayEquals(saved.toByteArray(), again.toByteArray());
  }

  @Test
  void nothingMovesWhileItRests() {
    MeteredConsole slow = new MeteredConsole(0);
    Uart16550 port = new Uart16550(line, slow);
    port.write(DATA, 1, 'x');
    assertTrue(port.quiesce(System.nanoTime() + 1_000_000_000L));
    slow.allow(1);
    assertEquals("", slow.text());
    port.resume();
    assertEquals("x", slow.text());
  }

  @Test
  void damagedStateIsRefused() {
    byte[] junk = "not a state at all".getBytes(StandardCharsets.US_ASCII);
    assertThrows(StateException.class, () -> uart.load(new StateReader(junk)));
  }
}
