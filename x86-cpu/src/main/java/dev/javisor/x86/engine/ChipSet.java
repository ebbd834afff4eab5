package dev.javisor.x86.engine;

import dev.javisor.vmm.backend.TimeSource;
import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;
import dev.javisor.x86.chip.ApicBus;
import dev.javisor.x86.chip.Chipset;
import dev.javisor.x86.chip.IoApic;
import dev.javisor.x86.chip.LocalApic;
import dev.javisor.x86.chip.Timers;
import java.util.function.IntConsumer;

/// What KVM has in the kernel, of one machine: the chips at their ports and addresses, and each
/// vCPU's local APIC and clock. The rest is the board's.
final class ChipSet implements Stateful {
  private static final long IO_APIC_GPA = 0xFEC0_0000L;

  private final Timers timers;
  private final Chipset chips;
  private final Bus ports = new Bus("engine port");
  private final Bus mmio = new Bus("engine mmio");
  private final VcpuClock[] clocks;
  private final LocalApic[] apics;

  /// @param wake told the index of a vCPU that has something to look at
  ChipSet(TimeSource time, int vcpuCount, IntConsumer wake) {
    timers = new Timers(time);
    chips = new Chipset(timers);
    chips.attach(ports, mmio);
    ports.freeze();
    mmio.freeze();
    clocks = new VcpuClock[vcpuCount];
    apics = new LocalApic[vcpuCount];
    for (int i = 0; i < vcpuCount; i++) {
      int index = i;
      clocks[i] = new VcpuClock(time);
      apics[i] =
          new LocalApic(
              i,
              CpuModel.PHYSICAL_BITS,
              chips.apics(),
              timers,
              clocks[i],
              () -> wake.accept(index));
    }
    chips.bootProcessor(apics[0]);
  }

  ApicBus apicBus() {
    return chips.apics();
  }

  Timers timers() {
    return timers;
  }

  LocalApic apic(int index) {
    return apics[index];
  }

  VcpuClock clock(int index) {
    return clocks[index];
  }

  InterruptLine line(int gsi) {
    return chips.line(gsi);
  }

  /// Whether port `port` is one of ours.
  static boolean claimsPort(int port) {
    return switch (port) {
      case 0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1, 0x40, 0x41, 0x42, 0x43, 0x61 -> true;
      default -> false;
    };
  }

  Bus ports() {
    return ports;
  }

  /// Whether `gpa` is one of ours; local APICs are their vCPUs' business.
  static boolean claims(long gpa) {
    return gpa >= IO_APIC_GPA && gpa < IO_APIC_GPA + IoApic.BYTES;
  }

  Bus mmio() {
    return mmio;
  }

  @Override
  public void save(StateWriter out) {
    chips.save(out);
  }

  @Override
  public void load(StateReader in) {
    chips.load(in);
  }
}
