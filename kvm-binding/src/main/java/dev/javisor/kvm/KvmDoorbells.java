package dev.javisor.kvm;

import dev.javisor.kvm.abi.IoEventFd;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.call.SyscallException;
import dev.javisor.linux.fd.EventFd;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.irq.Doorbell;
import java.lang.foreign.Arena;

/// Doorbells made of eventfds, rung by guest stores without an exit (api.rst, KVM_IOEVENTFD).
final class KvmDoorbells {
  private final Fd vm;

  KvmDoorbells(Fd vm) {
    this.vm = vm;
  }

  Doorbell create() {
    return new Bell(EventFd.create("doorbell"));
  }

  boolean connect(Doorbell doorbell, long gpa, int size) {
    if (!(doorbell instanceof Bell bell)) {
      return false;
    }
    ioeventfd(bell, gpa, size, 0);
    return true;
  }

  void disconnect(Doorbell doorbell, long gpa, int size) {
    if (doorbell instanceof Bell bell) {
      try {
        ioeventfd(bell, gpa, size, IoEventFd.KVM_IOEVENTFD_FLAG_DEASSIGN);
      } catch (SyscallException e) {
        if (e.errno() != dev.javisor.linux.call.Errno.ENOENT) { // it was not connected: as promised
          throw e;
        }
      }
    }
  }

  private void ioeventfd(Bell bell, long gpa, int size, int flags) {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct argument = NativeStruct.allocate(IoEventFd.LAYOUT, scratch);
      new IoEventFd(gpa, size, bell.event.number(), flags).writeTo(argument.bytes());
      vm.ioctl("KVM_IOEVENTFD", IoEventFd.KVM_IOEVENTFD, argument);
    }
  }

  private record Bell(EventFd event) implements Doorbell {
    @Override
    public void ring() {
      event.signal();
    }

    @Override
    public boolean await(long timeoutNanos) {
      return event.await(timeoutNanos);
    }

    @Override
    public void close() {
      event.close();
    }
  }
}
