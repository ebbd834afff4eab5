package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.vmm.memory.SparseFileMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// RAM behind the hole for devices, which guests with more than 3 GiB have.
public abstract class HighMemoryContract extends EngineContract {
  private static final long HIGH = FlatMemory.HOLE_END;
  private static final int HIGH_BYTES = 1 << 20;

  /// Where the guest sees it: the last 2 MiB page that is mapped.
  private static final long WINDOW = 0xFFE0_0000L;

  private FlatMemory memory;
  private VirtualMachine vm;

  /// Of the thread that runs it.
  private Vcpu vcpu;

  @BeforeEach
  @SuppressWarnings("MustBeClosedChecker") // closed with the engine
  final void makeMachine() {
    Arena arena = own(Arena.ofShared());
    memory = FlatMemory.of(FlatMemory.HOLE_START + HIGH_BYTES, new SparseFileMemory(arena));
    vm = own(hypervisor().createMachine(1));
    vm.map(memory);
    vcpu = own(vm.createVcpu(0));
  }

  private void begin(LongMode code) {
    memory.write(code.origin(), code.assemble());
    EntryStates.enterLongMode(vcpu, memory.flat(), code.origin());
    long entry = EntryStates.PAGE_TABLES + 0x5000 + 511 * 8;
    memory.flat().set(ValueLayout.JAVA_LONG, entry, HIGH | 1 << 7 | 3);
  }

  private long out() {
    VmExit.PortOut out = assertInstanceOf(VmExit.PortOut.class, PayloadGuest.run(vcpu));
    return PayloadGuest.little(out.data());
  }

  /// `mov al, value; out 0x10, al; jmp rcx`.
  private void putCode(int value) {
    memory.write(HIGH, longMode().movAl(value).outAl(0x10).bytes(0xFF, 0xE1).assemble());
    vm.written(HIGH, 16);
  }

  @Test
  void itIsReadAndWritten() {
    begin(longMode().mov(RBX, WINDOW).load(4, RAX, RBX, 0).store(4, RBX, 8, RAX).outEax(0x10));
    memory.write(HIGH, new byte[] {0x78, 0x56, 0x34, 0x12});
    assertEquals(0x1234_5678, out());
    assertEquals(0x78, memory.readable(HIGH + 8, 1).get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void behindItsEndNothingIs() {
    begin(longMode().mov(RBX, WINDOW + HIGH_BYTES).mov(RCX, 7).store(2, RBX, 0, RCX));
    assertEquals(new VmExit.MmioWrite(HIGH + HIGH_BYTES, 2, 7), PayloadGuest.run(vcpu));
  }

  @Test
  void codeThereIsRunAndItsChangesAreSeen() {
    LongMode code = longMode().mov(RBX, WINDOW).lea(RCX, "back").label("back");
    begin(code.bytes(0xFF, 0xE3)); // jmp rbx
    putCode(0x41);
    assertEquals(0x41, out());
    assertEquals(0x41, out());
    putCode(0x42); // from outside
    assertEquals(0x42, out());
  }

  @Test
  void theGuestChangesCodeThere() {
    LongMode code = longMode().mov(RBX, WINDOW).lea(RCX, "back").label("back");
    begin(code.bytes(0xFF, 0xE3)); // jmp rbx
    // inc byte [rbx + 1]: the next `mov al` has one more
    memory.write(
        HIGH, longMode().movAl(1).outAl(0x10).bytes(0xFE, 0x43, 0x01, 0xFF, 0xE1).assemble());
    assertEquals(1, out());
    assertEquals(2, out());
    assertEquals(3, out());
  }

  @Test
  void theLogNamesItsPages() {
    GuestRegion high = memory.regions().getLast();
    begin(
        longMode()
            .mov(RBX, WINDOW)
            .outAl(0x10)
            .store(4, RBX, 5 * 4096, RAX)
            .store(4, RBX, 70 * 4096, RAX)
            .outAl(0x10));
    out();
    vm.logDirtyPages(high, true);
    out();
    long[] expected = new long[HIGH_BYTES / 4096 / 64];
    expected[0] = 1L << 5;
    expected[1] = 1L << 70 - 64;
    assertArrayEquals(expected, vm.takeDirtyPages(high));
  }
}
