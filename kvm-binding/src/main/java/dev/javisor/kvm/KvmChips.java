package dev.javisor.kvm;

import dev.javisor.kvm.abi.ClockData;
import dev.javisor.kvm.abi.IrqChip;
import dev.javisor.kvm.abi.Pit;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The chips the kernel emulates for one VM, as one record: both PICs, I/O APIC, PIT and the
/// guest's clock. Their bytes are the kernel's own, bit for bit.
final class KvmChips implements Stateful {
  private static final int VERSION = 1;
  private static final int[] CHIPS = {
    IrqChip.KVM_IRQCHIP_PIC_MASTER, IrqChip.KVM_IRQCHIP_PIC_SLAVE, IrqChip.KVM_IRQCHIP_IOAPIC
  };

  private final Fd vm;

  KvmChips(Fd vm) {
    this.vm = vm;
  }

  @Override
  public void save(StateWriter out) {
    out.record("kvm-chips", 0, VERSION, this::saveFields);
  }

  private void saveFields(StateWriter out) {
    try (Arena scratch = Arena.ofConfined()) {
      for (int chip : CHIPS) {
        MemorySegment argument = scratch.allocate(IrqChip.LAYOUT);
        IrqChip.writeId(argument, chip);
        vm.ioctl("KVM_GET_IRQCHIP", IrqChip.KVM_GET_IRQCHIP, argument);
        out.putBytes(IrqChip.chip(argument).toArray(ValueLayout.JAVA_BYTE));
      }
      MemorySegment pit = scratch.allocate(Pit.STATE_LAYOUT);
      vm.ioctl("KVM_GET_PIT2", Pit.KVM_GET_PIT2, pit);
      out.putBytes(pit.toArray(ValueLayout.JAVA_BYTE));
      MemorySegment clock = scratch.allocate(ClockData.LAYOUT);
      vm.ioctl("KVM_GET_CLOCK", ClockData.KVM_GET_CLOCK, clock);
      out.putLong(ClockData.readFrom(clock).clock());
    }
  }

  @Override
  public void load(StateReader in) {
    StateReader fields = in.record("kvm-chips", 0, VERSION);
    try (Arena scratch = Arena.ofConfined()) {
      for (int chip : CHIPS) {
        MemorySegment argument = scratch.allocate(IrqChip.LAYOUT);
        IrqChip.writeId(argument, chip);
        fill(IrqChip.chip(argument), fields, "chip " + chip);
        vm.ioctl("KVM_SET_IRQCHIP", IrqChip.KVM_SET_IRQCHIP, argument);
      }
      MemorySegment pit = scratch.allocate(Pit.STATE_LAYOUT);
      fill(pit, fields, "PIT");
      vm.ioctl("KVM_SET_PIT2", Pit.KVM_SET_PIT2, pit);
      MemorySegment clock = scratch.allocate(ClockData.LAYOUT);
      // Flags 0: the guest's clock goes on where it stood. With KVM_CLOCK_REALTIME its *monotonic*
      // clock would jump by the time it was away.
      new ClockData(fields.getLong(), 0).writeTo(clock);
      vm.ioctl("KVM_SET_CLOCK", ClockData.KVM_SET_CLOCK, clock);
    }
  }

  private static void fill(MemorySegment target, StateReader in, String what) {
    byte[] bytes = in.getBytes((int) target.byteSize());
    if (bytes.length != target.byteSize()) {
      throw new StateException(
          "%s: %d bytes, expected %d".formatted(what, bytes.length, target.byteSize()));
    }
    target.copyFrom(MemorySegment.ofArray(bytes));
  }
}
