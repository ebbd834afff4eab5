package dev.javisor.x86.engine;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.machine.TimeSource;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;
import dev.javisor.x86.chip.ApicBus;
import dev.javisor.x86.chip.Gsis;
import dev.javisor.x86.chip.IoApic;
import dev.javisor.x86.chip.LocalApic;
import dev.javisor.x86.chip.Pic;
import dev.javisor.x86.chip.Pit;
import dev.javisor.x86.chip.Timers;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The chips that KVM has in the kernel: interrupt controllers and the interval timer, at their ports and
/// addresses. The rest is the board's.
final class ChipSet implements Stateful {
  private static final long IO_APIC_GPA = 0xFEC0_0000L;

  private final ApicBus apicBus = new ApicBus();
  private final Timers timers;
  private final IoApic ioApic = new IoApic(apicBus);
  private final Bus ports = new Bus("engine port");
  private final VcpuClock[] clocks;
  private final LocalApic[] apics;
  private final Pic pic;
  private final Pit pit;
  private final Gsis gsis;

  /// @param wake told the index of a vCPU that has something to look at
  ChipSet(TimeSource time, int vcpuCount, IntConsumer wake) {
    timers = new Timers(time);
    clocks = new VcpuClock[vcpuCount];
    apics = new LocalApic[vcpuCount];
    for (int i = 0; i < vcpuCount; i++) {
      int index = i;
      clocks[i] = new VcpuClock(time);
      apics[i] =
          new LocalApic(
              i, CpuModel.PHYSICAL_BITS, apicBus, timers, clocks[i], () -> wake.accept(index));
    }
    pic = new Pic(apics[0]);
    gsis = new Gsis(ioApic, pic);
    pit = new Pit(timers, gsis.line(0));
    attach(0x20, Pic.PORTS, pic.first());
    attach(0xA0, Pic.PORTS, pic.second());
    attach(0x4D0, Pic.PORTS, pic.edgeLevelControl());
    attach(0x40, Pit.PORTS, pit);
    attach(0x61, 1, pit.speaker());
    ports.freeze();
  }

  private void attach(int port, int count, Device device) {
    ports.attach(new AddressRange(port, count), device);
  }

  ApicBus apicBus() {
    return apicBus;
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

  Gsis gsis() {
    return gsis;
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

  /// What is at `gpa`, or null.
  @Nullable Device at(long gpa) {
    return gpa >= IO_APIC_GPA && gpa < IO_APIC_GPA + IoApic.BYTES ? ioApic : null;
  }

  static long offset(long gpa) {
    return gpa - IO_APIC_GPA;
  }

  @Override
  public void save(StateWriter out) {
    ioApic.save(out);
    pic.save(out);
    pit.save(out);
  }

  @Override
  public void load(StateReader in) {
    ioApic.load(in);
    pic.load(in);
    pit.load(in);
  }
}
