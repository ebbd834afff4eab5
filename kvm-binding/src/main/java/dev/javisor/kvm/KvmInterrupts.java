package dev.javisor.kvm;

import dev.javisor.kvm.abi.IrqChip;
import dev.javisor.kvm.abi.IrqFd;
import dev.javisor.kvm.abi.IrqLevel;
import dev.javisor.kvm.abi.IrqRouting;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.fd.EventFd;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.irq.MsiTarget;
import java.lang.foreign.Arena;
import java.util.BitSet;

/// The wires into one VM's interrupt controllers. Pins 0..23 keep the kernel's default routes;
/// each message-signalled interrupt gets a free `gsi` above, an eventfd that raises it, and a
/// route that is rewritten as the guest programs its vector.
final class KvmInterrupts {
  private static final int IOAPIC_PINS = 24;
  private static final int PIC_PINS = 16;

  private final Fd vm;
  private final IrqRouting routing = defaultRoutes();
  private final Line[] lines = new Line[IOAPIC_PINS];
  private final BitSet gsisInUse = new BitSet();

  KvmInterrupts(Fd vm) {
    this.vm = vm;
    for (int gsi = 0; gsi < lines.length; gsi++) {
      lines[gsi] = new Line(gsi);
    }
  }

  InterruptLine line(int gsi) {
    if (gsi < 0 || gsi >= IOAPIC_PINS) {
      throw new IllegalArgumentException("no pin " + gsi + ": the I/O APIC has 0..23");
    }
    return lines[gsi]; // the level is the pin's, whoever holds the wire
  }

  MsiTarget createMsi() {
    int gsi;
    synchronized (this) {
      gsi = gsisInUse.nextClearBit(IOAPIC_PINS); // reused: the kernel's table has 4096 rows
      gsisInUse.set(gsi);
    }
    return new Msi(gsi);
  }

  private synchronized void route(int gsi, long address, int data) {
    routing.message(gsi, address, data);
    setRouting();
  }

  private synchronized void release(int gsi) {
    if (routing.remove(gsi)) {
      setRouting();
    }
    gsisInUse.clear(gsi);
  }

  private void setRouting() {
    vm.ioctl("KVM_SET_GSI_ROUTING", IrqRouting.KVM_SET_GSI_ROUTING, routing.argument());
  }

  /// As KVM_CREATE_IRQCHIP makes them (linux 6.12, arch/x86/kvm/irq_comm.c, default_routing).
  private static IrqRouting defaultRoutes() {
    int[] pins = new int[3 * (IOAPIC_PINS + PIC_PINS)];
    int at = 0;
    for (int gsi = 0; gsi < IOAPIC_PINS; gsi++) {
      pins[at++] = gsi;
      pins[at++] = IrqChip.KVM_IRQCHIP_IOAPIC;
      pins[at++] = gsi;
      if (gsi < PIC_PINS) {
        pins[at++] = gsi;
        pins[at++] = gsi < 8 ? IrqChip.KVM_IRQCHIP_PIC_MASTER : IrqChip.KVM_IRQCHIP_PIC_SLAVE;
        pins[at++] = gsi % 8;
      }
    }
    return new IrqRouting(pins);
  }

  /// `KVM_IRQ_LINE` on one pin.
  private final class Line implements InterruptLine {
    private final int gsi;
    private boolean up;

    Line(int gsi) {
      this.gsi = gsi;
    }

    @Override
    public void raise() {
      set(true);
    }

    @Override
    public void lower() {
      set(false);
    }

    private synchronized void set(boolean level) {
      if (up == level) {
        return;
      }
      try (Arena scratch = Arena.ofConfined()) {
        NativeStruct argument = NativeStruct.allocate(IrqLevel.LAYOUT, scratch);
        new IrqLevel(gsi, level).writeTo(argument.bytes());
        vm.ioctl("KVM_IRQ_LINE", IrqLevel.KVM_IRQ_LINE, argument);
      }
      up = level;
    }
  }

  /// An irqfd and its route.
  private final class Msi implements MsiTarget {
    private final int gsi;
    private final EventFd event;
    private boolean connected;
    private boolean closed;

    Msi(int gsi) {
      this.gsi = gsi;
      this.event = EventFd.create("irqfd of gsi " + gsi);
    }

    @Override
    public synchronized void retarget(long address, int data) {
      if (closed) {
        return;
      }
      route(gsi, address, data);
      if (!connected) {
        connect(0);
        connected = true;
      }
    }

    private void connect(int flags) {
      try (Arena scratch = Arena.ofConfined()) {
        NativeStruct argument = NativeStruct.allocate(IrqFd.LAYOUT, scratch);
        new IrqFd(event.number(), gsi, flags).writeTo(argument.bytes());
        vm.ioctl("KVM_IRQFD", IrqFd.KVM_IRQFD, argument);
      }
    }

    @Override
    public synchronized void signal() {
      if (connected) {
        event.signal();
      }
    }

    @Override
    public synchronized void close() {
      if (closed) {
        return;
      }
      closed = true;
      if (connected) {
        connect(IrqFd.KVM_IRQFD_FLAG_DEASSIGN);
        connected = false;
      }
      release(gsi);
      event.close();
    }
  }
}
