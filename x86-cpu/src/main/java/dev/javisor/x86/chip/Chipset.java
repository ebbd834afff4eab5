package dev.javisor.x86.chip;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;

/// The machine-wide chips, wired as on a PC: what KVM_CREATE_IRQCHIP and KVM_CREATE_PIT2 make, but
/// for the local APICs, which come with their vCPUs. Any thread.
public final class Chipset implements Stateful {
  private static final AddressRange FIRST_PIC = new AddressRange(0x20, Pic.PORTS);
  private static final AddressRange SECOND_PIC = new AddressRange(0xA0, Pic.PORTS);
  private static final AddressRange EDGE_LEVEL = new AddressRange(0x4D0, Pic.PORTS);
  private static final AddressRange TIMER = new AddressRange(0x40, Pit.PORTS);
  private static final AddressRange SPEAKER = new AddressRange(0x61, 1);
  private static final AddressRange IO_APIC = new AddressRange(0xFEC0_0000L, IoApic.BYTES);
  private static final int TIMER_GSI = 0;

  private final ApicBus apics = new ApicBus();
  private final IoApic ioApic = new IoApic(apics);
  private final Pic pic = new Pic();
  private final Gsis gsis = new Gsis(ioApic, pic);
  private final Pit pit;

  public Chipset(Timers timers) {
    pit = new Pit(timers, gsis.line(TIMER_GSI));
  }

  /// Puts all of them where a PC has them.
  public void attach(Bus ports, Bus mmio) {
    ports.attach(FIRST_PIC, pic.first());
    ports.attach(SECOND_PIC, pic.second());
    ports.attach(EDGE_LEVEL, pic.edgeLevelControl());
    ports.attach(TIMER, pit);
    ports.attach(SPEAKER, pit.speaker());
    mmio.attach(IO_APIC, ioApic);
  }

  /// What local APICs join, and where messages go.
  public ApicBus apics() {
    return apics;
  }

  /// Makes `apic` the one whose LINT0 the 8259As pull.
  public void bootProcessor(LocalApic apic) {
    pic.connect(apic);
  }

  /// The wire of that number.
  ///
  /// @throws IllegalArgumentException if there is none
  public InterruptLine line(int gsi) {
    return gsis.line(gsi);
  }

  /// The timer first: what it owes goes to the others.
  @Override
  public void save(StateWriter out) {
    pit.save(out);
    pic.save(out);
    ioApic.save(out);
  }

  @Override
  public void load(StateReader in) {
    pit.load(in);
    pic.load(in);
    ioApic.load(in);
  }
}
