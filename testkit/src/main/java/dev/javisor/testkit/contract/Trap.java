package dev.javisor.testkit.contract;

import dev.javisor.vmm.hypervisor.VcpuState;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// An exception that has been delivered in long mode, as its handler finds it (SDM 3A, figure 6-9),
/// before the handler has done anything.
///
/// @param state of the vCPU in the handler
/// @param frame where the error code is, or would be
record Trap(VcpuState state, MemorySegment ram, long frame, long errorCode) {
  static Trap of(PayloadGuest guest, boolean hasCode) {
    VcpuState state = guest.vcpu().state();
    long sp = state.registers().rsp();
    long code = hasCode ? guest.ram().get(ValueLayout.JAVA_LONG_UNALIGNED, sp) : -1;
    return new Trap(state, guest.ram(), hasCode ? sp : sp - 8, code);
  }

  private long word(int number) {
    return ram.get(ValueLayout.JAVA_LONG_UNALIGNED, frame + 8L * number);
  }

  private void word(int number, long value) {
    ram.set(ValueLayout.JAVA_LONG_UNALIGNED, frame + 8L * number, value);
  }

  long rip() {
    return word(1);
  }

  long cs() {
    return word(2);
  }

  long rflags() {
    return word(3);
  }

  long rsp() {
    return word(4);
  }

  long ss() {
    return word(5);
  }

  long cr2() {
    return state.system().cr2();
  }

  VcpuState.Registers registers() {
    return state.registers();
  }

  /// The handler will go back to `rip` instead.
  void resumeAt(long rip) {
    word(1, rip);
  }

  /// The handler will go back with these flags instead.
  void resumeWith(long rflags) {
    word(3, rflags);
  }
}
