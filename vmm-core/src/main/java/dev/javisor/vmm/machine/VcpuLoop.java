package dev.javisor.vmm.machine;

import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VmExit;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.BooleanSupplier;

/// The one place where exits meet devices.
final class VcpuLoop {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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
      switch (exit) {
        case VmExit.MmioWrite(long gpa, int size, long value) -> mmio.write(gpa, size, value);
        case VmExit.MmioRead(long gpa, int size) -> vcpu.answer(mmio.read(gpa, size));
        case VmExit.PortOut out -> portOut(out);
        case VmExit.PortIn in -> portIn(in);
        case VmExit.Halted h -> {
          return h;
        }
        case VmExit.Interrupted i -> {
          return i;
        }
        case VmExit.Shutdown s -> {
          return s;
        }
        case VmExit.Failed f -> {
          return f;
        }
        case VmExit.Unknown u -> {
          return u;
        }
      }
      if (stopping.getAsBoolean()) {
        return new VmExit.Interrupted();
      }
    }
  }

  private void portOut(VmExit.PortOut out) {
    int size = out.size();
    for (int i = 0; i < out.count(); i++) {
      ports.write(out.port(), size, get(out.data(), (long) i * size, size));
    }
  }

  private void portIn(VmExit.PortIn in) {
    int size = in.size();
    for (int i = 0; i < in.count(); i++) {
      put(in.data(), (long) i * size, size, ports.read(in.port(), size));
    }
  }

  private static long get(MemorySegment data, long offset, int size) {
    return switch (size) {
      case 1 -> data.get(ValueLayout.JAVA_BYTE, offset) & 0xFFL;
      case 2 -> data.get(U16, offset) & 0xFFFFL;
      default -> data.get(U32, offset) & 0xFFFF_FFFFL;
    };
  }

  private static void put(MemorySegment data, long offset, int size, long value) {
    switch (size) {
      case 1 -> data.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
      case 2 -> data.set(U16, offset, (short) value);
      default -> data.set(U32, offset, (int) value);
    }
  }
}
