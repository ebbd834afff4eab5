package dev.javisor.devices.pci;

import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.irq.Doorbell;
import java.util.ArrayList;
import java.util.List;

/// The device's one doorbell, hung at the notification address of each queue while a driver is
/// there and the BAR is mapped. Where the engine has no such shortcut a store exits, and the
/// transport rings. The transport's lock guards it.
final class QueueDoorbells {
  /// Bytes between the notification addresses of two queues (`notify_off_multiplier`).
  static final int NOTIFY_OFF_MULTIPLIER = 4;

  /// A store of any size rings: the value says nothing that the queues do not.
  private static final int ANY_SIZE = 0;

  private final VirtualMachine vm;
  private final Doorbell doorbell;
  private final List<Long> connected = new ArrayList<>();

  QueueDoorbells(VirtualMachine vm) {
    this.vm = vm;
    this.doorbell = vm.createDoorbell();
  }

  Doorbell doorbell() {
    return doorbell;
  }

  /// Hangs it at the address of each enabled queue; `notifyGpa` is that of queue 0.
  void connect(long notifyGpa, List<QueueRegisters> queues) {
    assert connected.isEmpty() : "connected twice";
    for (int i = 0; i < queues.size(); i++) {
      long gpa = notifyGpa + (long) i * NOTIFY_OFF_MULTIPLIER;
      if (queues.get(i).enabled && vm.connect(doorbell, gpa, ANY_SIZE)) {
        connected.add(gpa);
      }
    }
  }

  void disconnect() {
    connected.forEach(gpa -> vm.disconnect(doorbell, gpa, ANY_SIZE));
    connected.clear();
  }

  void close() {
    disconnect();
    doorbell.close();
  }
}
