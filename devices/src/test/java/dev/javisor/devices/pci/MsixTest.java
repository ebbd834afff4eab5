package dev.javisor.devices.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.devices.virtio.VirtioInterrupts;
import dev.javisor.testkit.fake.RecordingMsi;
import dev.javisor.testkit.fake.RecordingMsi.Message;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Vector 0 is for configuration changes, 1 for queue 0, 2 for queue 1 (see PciMachine).
class MsixTest {
  private static final Message FIRST = new Message(0xFEE0_1000L, 0x41);
  private static final Message SECOND = new Message(0xFEE0_2000L, 0x42);

  private final Arena arena = Arena.ofShared();
  private final PciMachine pci = new PciMachine(arena, true, new FakeVirtio(8, 8));
  private final RecordingMsi queue0 = pci.message(1);

  @BeforeEach
  void start() {
    pci.start(1);
  }

  @AfterEach
  void close() {
    arena.close();
  }

  private VirtioInterrupts interrupts() {
    return pci.devices.getFirst().activation().interrupts();
  }

  private void point(int vector, Message message, boolean masked) {
    pci.msixEntry(1, vector, message.address(), message.data(), masked);
  }

  @Test
  void aLiveVectorSendsItsMessage() {
    pci.msixControl(1, true, false);
    point(1, FIRST, false);
    interrupts().usedBuffers(0);
    assertEquals(List.of(FIRST), queue0.sent());
    interrupts().usedBuffers(1);
    assertEquals(List.of(), pci.message(2).sent(), "masked from reset on");
  }

  @Test
  void nothingIsSentWithMsixOff() {
    point(1, FIRST, false);
    interrupts().usedBuffers(0);
    pci.msixControl(1, true, false);
    assertEquals(List.of(), queue0.sent());
    assertEquals(0, pci.mmio.read(pci.msixPending(1), 8));
  }

  @Test
  void aMaskedVectorIsPendingAndFiresOnUnmask() {
    pci.msixControl(1, true, false);
    point(1, FIRST, true);
    interrupts().usedBuffers(0);
    interrupts().usedBuffers(0);
    assertEquals(List.of(), queue0.sent());
    assertEquals(0b10, pci.mmio.read(pci.msixPending(1), 8));
    assertEquals(0b10, pci.mmio.read(pci.msixPending(1), 4));
    pci.mmio.write(pci.msixTable(1) + 16 + 12, 4, 0);
    assertEquals(List.of(FIRST), queue0.sent(), "once");
    assertEquals(0, pci.mmio.read(pci.msixPending(1), 8));
  }

  @Test
  void theFunctionMaskHoldsAllVectorsBack() {
    pci.msixControl(1, true, true);
    point(0, SECOND, false);
    point(1, FIRST, false);
    interrupts().usedBuffers(0);
    interrupts().configChanged();
    assertEquals(0b11, pci.mmio.read(pci.msixPending(1), 8));
    pci.msixControl(1, true, false);
    assertEquals(List.of(FIRST), queue0.sent());
    assertEquals(List.of(SECOND), pci.message(0).sent());
  }

  @Test
  void tableWritesMoveTheRouteOnceEach() {
    pci.msixControl(1, true, false);
    point(1, FIRST, false);
    point(1, SECOND, false); // Linux masks, rewrites and unmasks to move an interrupt
    interrupts().usedBuffers(0);
    assertEquals(List.of(FIRST, SECOND), queue0.routes());
    assertEquals(List.of(SECOND), queue0.sent());
  }

  @Test
  void writingALiveEntryMovesTheRouteAtOnce() {
    pci.msixControl(1, true, false);
    point(1, FIRST, false);
    pci.mmio.write(pci.msixTable(1) + 16 + 8, 4, 0x99);
    assertEquals(new Message(FIRST.address(), 0x99), queue0.routes().getLast());
  }

  @Test
  void unmaskingTheSameEntryDoesNotRouteAgain() {
    pci.msixControl(1, true, false);
    point(1, FIRST, false);
    for (int i = 0; i < 3; i++) {
      pci.mmio.write(pci.msixTable(1) + 16 + 12, 4, i & 1);
    }
    pci.msixControl(1, true, true);
    pci.msixControl(1, true, false);
    assertEquals(List.of(FIRST), queue0.routes());
  }

  @Test
  void tableTakesQuadwordsAndKeepsReservedBitsClear() {
    long entry = pci.msixTable(1) + 16;
    pci.mmio.write(entry, 8, 0x1_FEE0_1003L);
    assertEquals(0x1_FEE0_1000L, pci.mmio.read(entry, 8));
    pci.mmio.write(entry + 8, 8, 0xFFFF_FFFF_0000_0041L);
    assertEquals(0x1_0000_0041L, pci.mmio.read(entry + 8, 8), "only the mask bit");
  }

  @Test
  void oddTableAccessesAreIgnored() {
    long table = pci.msixTable(1);
    pci.mmio.write(table + 2, 4, -1);
    pci.mmio.write(table, 1, -1);
    pci.mmio.write(table, 2, -1);
    pci.mmio.write(table + 4, 8, -1);
    pci.mmio.write(table + 3 * 16, 4, -1);
    assertEquals(0, pci.mmio.read(table, 8));
    assertEquals(0xFF, pci.mmio.read(table, 1));
    assertEquals(0xFFFF_FFFFL, pci.mmio.read(table + 3 * 16, 4), "there are three vectors");
    pci.mmio.write(pci.msixPending(1), 8, -1);
    assertEquals(0, pci.mmio.read(pci.msixPending(1), 8));
    assertEquals(-1, pci.mmio.read(pci.msixPending(1) + 8, 8));
  }

  @Test
  void aVectorThatDoesNotExistReadsBackAsNone() {
    pci.common(1, 0x16, 2, 0);
    pci.common(1, 0x1A, 2, 3);
    assertEquals(0xFFFF, pci.common(1, 0x1A, 2));
    pci.common(1, 0x10, 2, 0x1234);
    assertEquals(0xFFFF, pci.common(1, 0x10, 2));
    pci.msixControl(1, true, false);
    interrupts().usedBuffers(0);
    interrupts().configChanged();
    assertEquals(0, pci.mmio.read(pci.msixPending(1), 8));
  }

  @Test
  void queuesThatShareAnInterruptHaveOneVector() {
    PciMachine sharing = new PciMachine(arena, true, FakeVirtio.sharing(8, 8));
    sharing.negotiate(1);
    assertEquals(1, sharing.config(1, sharing.capability(1, 0x11, -1) + 2, 2), "two vectors");
    for (int queue = 0; queue < 2; queue++) {
      sharing.common(1, 0x16, 2, queue);
      sharing.common(1, 0x1A, 2, 2);
      assertEquals(0xFFFF, sharing.common(1, 0x1A, 2), "there is no vector 2");
      sharing.common(1, 0x1A, 2, 1);
      assertEquals(1, sharing.common(1, 0x1A, 2));
    }
    sharing.status(1, 15);
    sharing.msixControl(1, true, false);
    sharing.msixEntry(1, 1, FIRST.address(), FIRST.data(), false);
    sharing.devices.getFirst().activation().interrupts().usedBuffers(0);
    sharing.devices.getFirst().activation().interrupts().usedBuffers(1);
    assertEquals(List.of(FIRST, FIRST), sharing.message(1).sent());
  }

  @Test
  void isrTellsWhyAndForgets() {
    interrupts().usedBuffers(0);
    assertEquals(1, pci.mmio.read(pci.structure(1, 3), 1));
    interrupts().configChanged();
    assertEquals(2, pci.mmio.read(pci.structure(1, 3), 1));
    assertEquals(0, pci.mmio.read(pci.structure(1, 3), 1));
    assertEquals(0xFFFF, pci.mmio.read(pci.structure(1, 3), 2));
  }

  @Test
  void closingGivesEveryMessageBack() {
    pci.host.close();
    assertTrue(pci.vm.messages().stream().allMatch(RecordingMsi::closed));
    assertEquals(List.of(), pci.vm.connectedAt());
  }
}
