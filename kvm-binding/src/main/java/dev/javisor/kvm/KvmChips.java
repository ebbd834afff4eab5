package dev.javisor.kvm;

import dev.javisor.kvm.abi.ClockData;
import dev.javisor.kvm.abi.IrqChip;
import dev.javisor.kvm.abi.Pit;
import dev.javisor.kvm.abi.Requests;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/// The chips the kernel emulates for one VM, as one record: both PICs, I/O APIC, PIT and the
/// guest's clock. Their bytes are the kernel's own, bit for bit.
final class KvmChips implements Stateful {
  private static final int VERSION = 1;
  private static final int[] CHIPS = {
    IrqChip.KVM_IRQCHIP_PIC_MASTER, IrqChip.KVM_IRQCHIP_PIC_SLAVE, IrqChip.KVM_IRQCHIP_IOAPIC
  };

  private final Fd vm;
  private boolean made;

  KvmChips(Fd vm) {
    this.vm = vm;
  }

  /// Makes them, once, before the first vCPU (api.rst, KVM_CREATE_IRQCHIP) or wire, and not
  // earlier:
  /// they begin a grace period of the kernel's that memory mapped after them waits for, some
  /// milliseconds on Linux 6.18. Any thread.
  synchronized void make() {
    if (made) {
      return;
    }
    made = true;
    try (Arena scratch = Arena.ofConfined()) {
      vm.ioctl("KVM_CREATE_IRQCHIP", Requests.KVM_CREATE_IRQCHIP, 0);
      NativeStruct pit = NativeStruct.allocate(Pit.CONFIG_LAYOUT, scratch);
      pit.bytes().putInt(0, Pit.KVM_PIT_SPEAKER_DUMMY);
      vm.ioctl("KVM_CREATE_PIT2", Pit.KVM_CREATE_PIT2, pit);
    }
  }

  @Override
  public void save(StateWriter out) {
    make();
    out.record("kvm-chips", 0, VERSION, this::saveFields);
  }

  private void saveFields(StateWriter out) {
    try (Arena scratch = Arena.ofConfined()) {
      for (int chip : CHIPS) {
        NativeStruct argument = NativeStruct.allocate(IrqChip.LAYOUT, scratch);
        IrqChip.writeId(argument.bytes(), chip);
        vm.ioctl("KVM_GET_IRQCHIP", IrqChip.KVM_GET_IRQCHIP, argument);
        byte[] state = new byte[IrqChip.CHIP_BYTES];
        IrqChip.chip(argument.bytes()).get(state);
        out.putBytes(state);
      }
      NativeStruct pit = NativeStruct.allocate(Pit.STATE_LAYOUT, scratch);
      vm.ioctl("KVM_GET_PIT2", Pit.KVM_GET_PIT2, pit);
      out.putBytes(pit.toArray());
      NativeStruct clock = NativeStruct.allocate(ClockData.LAYOUT, scratch);
      vm.ioctl("KVM_GET_CLOCK", ClockData.KVM_GET_CLOCK, clock);
      out.putLong(ClockData.readFrom(clock.bytes()).clock());
    }
  }

  @Override
  public void load(StateReader in) {
    make();
    StateReader fields = in.record("kvm-chips", 0, VERSION);
    try (Arena scratch = Arena.ofConfined()) {
      for (int chip : CHIPS) {
        NativeStruct argument = NativeStruct.allocate(IrqChip.LAYOUT, scratch);
        IrqChip.writeId(argument.bytes(), chip);
        fill(IrqChip.chip(argument.bytes()), fields, "chip " + chip);
        vm.ioctl("KVM_SET_IRQCHIP", IrqChip.KVM_SET_IRQCHIP, argument);
      }
      NativeStruct pit = NativeStruct.allocate(Pit.STATE_LAYOUT, scratch);
      fill(pit.bytes(), fields, "PIT");
      vm.ioctl("KVM_SET_PIT2", Pit.KVM_SET_PIT2, pit);
      NativeStruct clock = NativeStruct.allocate(ClockData.LAYOUT, scratch);
      // Flags 0: the guest's clock goes on where it stood. With KVM_CLOCK_REALTIME its *monotonic*
      // clock would jump by the time it was away.
      new ClockData(fields.getLong(), 0).writeTo(clock.bytes());
      vm.ioctl("KVM_SET_CLOCK", ClockData.KVM_SET_CLOCK, clock);
    }
  }

  private static void fill(ByteBuffer target, StateReader in, String what) {
    byte[] bytes = in.getBytes(target.capacity());
    if (bytes.length != target.capacity()) {
      throw new StateException(
          "%s: %d bytes, expected %d".formatted(what, bytes.length, target.capacity()));
    }
    target.put(0, bytes);
  }
}
