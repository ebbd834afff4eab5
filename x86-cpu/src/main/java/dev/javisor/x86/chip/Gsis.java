package dev.javisor.x86.chip;

import dev.javisor.vmm.irq.InterruptLine;

/// The wires of the machine by their numbers: each goes to the pin of that number of the I/O APIC,
/// the first 16 to the 8259As too, as in KVM's default routing and as the MADT says, which has no
/// override. Two who hold one wire share its level. Any thread.
public final class Gsis {
  private final InterruptLine[] lines = new InterruptLine[IoApic.PINS];

  public Gsis(IoApic ioApic, Pic pic) {
    for (int gsi = 0; gsi < lines.length; gsi++) {
      lines[gsi] = new Wire(ends(gsi, ioApic, pic));
    }
  }

  private static Wire.Level ends(int gsi, IoApic ioApic, Pic pic) {
    if (gsi >= Pic.INPUTS) {
      return up -> ioApic.level(gsi, up);
    }
    return up -> {
      pic.level(gsi, up);
      ioApic.level(gsi, up);
    };
  }

  /// @throws IllegalArgumentException if the I/O APIC has no such pin
  public InterruptLine line(int gsi) {
    if (gsi < 0 || gsi >= lines.length) {
      throw new IllegalArgumentException("no pin " + gsi + ": the I/O APIC has 0..23");
    }
    return lines[gsi];
  }
}
