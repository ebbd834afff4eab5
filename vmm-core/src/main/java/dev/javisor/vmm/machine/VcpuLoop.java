package dev.javisor.vmm.machine;

import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VmExit;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/// The one place where exits meet devices.
final class VcpuLoop {
  private final Vcpu vcpu;
  private final Bus ports;
  private final Bus mmio;
  private final ExitLog log;

  VcpuLoop(Vcpu vcpu, Bus ports, Bus mmio, ExitLog log) {
    this.vcpu = vcpu;
    this.ports = ports;
    this.mmio = mmio;
    this.log = log;
  }

  /// Runs until an exit that is not a device's: an interruption, or the end of this vCPU. Also
  /// returns, as if interrupted, when a device ended the machine (`stopping`): the instruction
  /// behind a reset must not run.
  VmExit run(BooleanSupplier stopping) {
    while (true) {
      VmExit exit = vcpu.run();
      log.note(exit);
      vcpu.deliver(ports, mmio);
      if (!isDevices(exit)) {
        return exit;
      } else if (stopping.getAsBoolean()) {
        return new VmExit.Interrupted();
      }
    }
  }

  /// Whether it was a device's, which has answered it. (No `switch`: over types it is linked when
  /// it first runs, and costs four times as much until it is compiled; much of a boot is over by
  /// then.)
  private boolean isDevices(VmExit exit) {
    if (exit instanceof VmExit.PortOut out) {
      portOut(out);
    } else if (exit instanceof VmExit.PortIn in) {
      portIn(in);
    } else if (exit instanceof VmExit.MmioWrite write) {
      mmio.write(write.gpa(), write.size(), write.value());
    } else if (exit instanceof VmExit.MmioRead read) {
      vcpu.answer(mmio.read(read.gpa(), read.size()));
    } else {
      return false;
    }
    return true;
  }

  private void portOut(VmExit.PortOut out) {
    int size = out.size();
    for (int i = 0; i < out.count(); i++) {
      ports.write(out.port(), size, get(out.data(), i * size, size));
    }
  }

  private void portIn(VmExit.PortIn in) {
    int size = in.size();
    if (in.count() == 1) {
      vcpu.answer(ports.read(in.port(), size));
      return;
    }
    for (int i = 0; i < in.count(); i++) {
      put(in.data(), i * size, size, ports.read(in.port(), size));
    }
  }

  private static long get(ByteBuffer data, int offset, int size) {
    return switch (size) {
      case 1 -> data.get(offset) & 0xFFL;
      case 2 -> data.getShort(offset) & 0xFFFFL;
      default -> data.getInt(offset) & 0xFFFF_FFFFL;
    };
  }

  private static void put(ByteBuffer data, int offset, int size, long value) {
    switch (size) {
      case 1 -> data.put(offset, (byte) value);
      case 2 -> data.putShort(offset, (short) value);
      default -> data.putInt(offset, (int) value);
    }
  }
}
