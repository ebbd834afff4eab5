package dev.javisor.x86.chip;

import static dev.javisor.x86.chip.Chips.read;
import static dev.javisor.x86.chip.Chips.request;
import static dev.javisor.x86.chip.Chips.serve;
import static dev.javisor.x86.chip.Chips.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// Acceptance, priorities and the end of interrupts (SDM 3A, 11.8), registers and errors.
class LocalApicTest {
  private final Chips chips = Chips.enabled(1);
  private final LocalApic apic = chips.apic();

  @Test
  void theHighestVectorGoesFirst() {
    request(apic, 0x41);
    request(apic, 0xE0);
    request(apic, 0x42);
    assertEquals(0xE0, apic.deliverable());
    assertEquals(0xE0, apic.acknowledge());
    assertEquals(-1, apic.deliverable());
    apic.endOfInterrupt();
    assertEquals(0x42, apic.acknowledge());
    assertEquals(-1, apic.deliverable(), "same class");
    assertFalse(apic.attention());
    apic.endOfInterrupt();
    assertTrue(apic.attention());
    assertEquals(0x41, apic.acknowledge());
  }

  @Test
  void aHigherClassInterruptsAHandlerAndEndsFirst() {
    request(apic, 0x41);
    assertEquals(0x41, apic.acknowledge());
    request(apic, 0x51);
    assertEquals(0x51, apic.acknowledge());
    assertEquals(0x50, read(apic, ApicRegisters.PPR));
    assertEquals(1 << 0x11 | 1 << 1, read(apic, ApicRegisters.ISR + 0x20));
    write(apic, ApicRegisters.EOI, 0);
    assertEquals(0x40, read(apic, ApicRegisters.PPR));
    write(apic, ApicRegisters.EOI, 0);
    assertEquals(0, read(apic, ApicRegisters.PPR));
    write(apic, ApicRegisters.EOI, 0); // nothing served: nothing happens
  }

  @Test
  void theTaskPriorityHoldsItsClassBack() {
    write(apic, ApicRegisters.TPR, 0x4F);
    request(apic, 0x4F);
    assertEquals(-1, apic.deliverable());
    assertFalse(apic.attention(), "nothing to look at until the priority falls");
    request(apic, 0x50);
    assertEquals(0x50, apic.acknowledge());
    apic.endOfInterrupt();
    assertEquals(-1, apic.deliverable());
    assertFalse(apic.attention());
    apic.cr8(3);
    assertEquals(0x30, read(apic, ApicRegisters.TPR));
    assertTrue(apic.attention());
    assertEquals(0x4F, apic.deliverable());
    write(apic, ApicRegisters.TPR, 0x72);
    assertEquals(7, apic.cr8());
    assertEquals(0x72, read(apic, ApicRegisters.PPR), "with its subclass");
  }

  @Test
  void oneVectorCanBeServedAndRequestedButNotRequestedTwice() {
    request(apic, 0x41);
    request(apic, 0x41);
    assertEquals(1, chips.wakes.get(), "one request, one wake-up");
    assertEquals(0x41, apic.acknowledge());
    request(apic, 0x41);
    apic.endOfInterrupt();
    assertEquals(1, serve(apic));
  }

  @Test
  void attentionStaysWhileSomethingCanBeTaken() {
    request(apic, 0x41);
    assertTrue(apic.attention());
    assertEquals(0x41, apic.deliverable());
    assertTrue(apic.attention());
    assertEquals(1, serve(apic));
    assertEquals(-1, apic.deliverable());
    assertFalse(apic.attention());
    assertTrue(apic.accept(Delivery.NMI, 0, false));
    assertEquals(-1, apic.deliverable());
    assertTrue(apic.attention(), "the NMI");
    assertTrue(apic.takeNmi());
    assertFalse(apic.takeNmi());
    assertEquals(-1, apic.deliverable());
    assertFalse(apic.attention());
  }

  @Test
  void disabledBySoftwareItTakesNoVectorAndMasksItsEntries() {
    write(apic, ApicRegisters.LVT_TIMER, 0x31);
    request(apic, 0x41);
    write(apic, ApicRegisters.SVR, 0xFF);
    assertFalse(apic.accept(Delivery.FIXED, 0x42, false));
    assertTrue(apic.accept(Delivery.NMI, 0, false));
    assertEquals(0x1_0031, read(apic, ApicRegisters.LVT_TIMER));
    write(apic, ApicRegisters.LVT_TIMER, 0x32);
    assertEquals(0x1_0032, read(apic, ApicRegisters.LVT_TIMER));
    assertEquals(0x41, apic.acknowledge(), "what was there before is kept (SDM 3A, 11.4.7.2)");
  }

  @Test
  void afterResetItIsAsTheManualSays() {
    LocalApic fresh = new Chips(4).apics.getLast();
    assertEquals(3 << 24, read(fresh, ApicRegisters.ID));
    assertEquals(0x5_0014, read(fresh, ApicRegisters.VERSION));
    assertEquals(-1, read(fresh, ApicRegisters.DFR));
    assertEquals(0xFF, read(fresh, ApicRegisters.SVR));
    assertEquals(0, read(fresh, ApicRegisters.LDR));
    for (int lvt = ApicRegisters.LVT_TIMER; lvt <= ApicRegisters.LVT_ERROR; lvt += 16) {
      assertEquals(ApicRegisters.MASKED, read(fresh, lvt));
    }
    assertEquals(0xFEE0_0800L, fresh.base());
    assertEquals(0xFEE0_0900L, apic.base(), "the boot processor's");
  }

  @Test
  void reservedAndReadOnlyBitsAreNotKept() {
    write(apic, ApicRegisters.TPR, -1);
    assertEquals(0xFF, read(apic, ApicRegisters.TPR));
    write(apic, ApicRegisters.DFR, 0);
    assertEquals(0x0FFF_FFFF, read(apic, ApicRegisters.DFR));
    write(apic, ApicRegisters.LDR, -1);
    assertEquals(0xFF00_0000, read(apic, ApicRegisters.LDR));
    write(apic, ApicRegisters.ID, -1);
    assertEquals(0, read(apic, ApicRegisters.ID));
    write(apic, ApicRegisters.LVT_LINT0, -1);
    assertEquals(0x1_A7FF, read(apic, ApicRegisters.LVT_LINT0));
    write(apic, ApicRegisters.DIVIDE, -1);
    assertEquals(0x0B, read(apic, ApicRegisters.DIVIDE));
  }

  @Test
  void partsOfRegistersCanBeReadButOnlyWholeOnesWritten() {
    write(apic, ApicRegisters.LVT_LINT0, 0x1_8741);
    assertEquals(0x41, apic.page().read(ApicRegisters.LVT_LINT0, 1));
    assertEquals(0x87, apic.page().read(ApicRegisters.LVT_LINT0 + 1, 1));
    assertEquals(0x0001, apic.page().read(ApicRegisters.LVT_LINT0 + 2, 2));
    assertEquals(0xFFFF_FFFFL, apic.page().read(ApicRegisters.LVT_LINT0 + 4, 4));
    apic.page().write(ApicRegisters.TPR, 1, 0x40);
    apic.page().write(ApicRegisters.TPR + 4, 4, 0x40);
    apic.page().write(ApicRegisters.TPR, 8, 0x40);
    assertEquals(0, read(apic, ApicRegisters.TPR));
  }

  @Test
  void errorsAreLatchedByAWriteAndInterrupt() {
    write(apic, ApicRegisters.LVT_ERROR, 0xFE);
    write(apic, 0x40, 0); // no such register
    assertEquals(0, read(apic, ApicRegisters.ESR), "not yet");
    assertEquals(1, serve(apic));
    write(apic, 0x40, 0);
    assertEquals(0, serve(apic), "the same error again is no new one");
    write(apic, ApicRegisters.ESR, 0);
    assertEquals(0x80, read(apic, ApicRegisters.ESR));
    assertEquals(0, read(apic, 0xFF0));
    assertEquals(1, serve(apic));
    write(apic, ApicRegisters.ESR, 0);
    assertEquals(0x80, read(apic, ApicRegisters.ESR));
    assertFalse(apic.accept(Delivery.FIXED, 0x0F, false));
    write(apic, ApicRegisters.ICR_LOW, 0x4_0008); // self, vector 8
    write(apic, ApicRegisters.ESR, 0);
    assertEquals(0x60, read(apic, ApicRegisters.ESR));
    write(apic, ApicRegisters.ESR, 0);
    assertEquals(0, read(apic, ApicRegisters.ESR));
  }

  @Test
  void anIllegalVectorInTheErrorEntryEndsThere() {
    write(apic, ApicRegisters.LVT_ERROR, 0x03);
    assertFalse(apic.accept(Delivery.FIXED, 0x0F, false));
    write(apic, ApicRegisters.ESR, 0);
    assertEquals(0x40, read(apic, ApicRegisters.ESR));
    assertEquals(-1, apic.deliverable());
  }

  @Test
  void theLastPinInterruptsAsItsEntrySays() {
    apic.wireThrough();
    apic.lint1().raise();
    assertTrue(apic.takeNmi());
    apic.lint1().raise();
    apic.lint1().lower();
    assertFalse(apic.takeNmi(), "once a rise");
    write(apic, ApicRegisters.LVT_LINT1, 0x44);
    apic.lint1().pulse();
    assertFalse(apic.takeNmi());
    assertEquals(0x44, apic.acknowledge());
    write(apic, ApicRegisters.LVT_LINT1, 0x1_0044);
    apic.lint1().pulse();
    apic.endOfInterrupt();
    assertEquals(-1, apic.acknowledge());
  }

  @Test
  void anInitForgetsAnOlderStartupAndKeepsALaterOne() {
    apic.accept(Delivery.STARTUP, 0x10, false);
    apic.accept(Delivery.INIT, 0, false);
    assertTrue(apic.takeInit());
    assertFalse(apic.takeInit());
    assertEquals(-1, apic.takeStartup());
    apic.accept(Delivery.INIT, 0, false);
    apic.accept(Delivery.STARTUP, 0x9A, false);
    assertTrue(apic.takeInit());
    assertEquals(0x9A, apic.takeStartup());
    assertEquals(-1, apic.takeStartup());
    assertEquals(-1, apic.deliverable());
    assertFalse(apic.attention());
  }

  @Test
  void nothingAGuestWritesToItsPageBreaksIt() {
    for (int offset = 0; offset < 4096; offset++) {
      for (int size = 1; size <= 8; size++) {
        apic.page().write(offset, size, -1);
        apic.page().read(offset, size);
      }
    }
    assertEquals(0x5_0014, read(apic, ApicRegisters.VERSION));
  }
}
