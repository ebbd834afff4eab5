package dev.javisor.vmm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.state.Quiescent;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A machine on an engine whose vCPUs exit as a script says.
class MachineTest {
  private static final long MILLIS = 20_000; // only a hang takes that long

  private final Arena arena = Arena.ofShared();
  private final ScriptedMachine vm = new ScriptedMachine();
  private final Bus ports = new Bus("port");
  private final Bus mmio = new Bus("mmio");
  private final StringBuffer log = new StringBuffer();

  @AfterEach
  void close() {
    arena.close();
  }

  private Machine machine(int vcpus, Quiescent... devices) {
    ports.freeze();
    mmio.freeze();
    return new Machine(
        new MachineParts(
            vm,
            FlatMemory.of(4096, bytes -> arena.allocate(bytes, 4096)),
            ports,
            mmio,
            vcpus,
            vcpu -> log.append("enter "),
            List.of(devices),
            true));
  }

  @Test
  void exitsReachDevicesAndReadsAreAnswered() {
    ports.attach(
        new AddressRange(0x10, 4),
        new Device() {
          @Override
          public long read(long offset, int size) {
            return 0x11 * (offset + 1);
          }

          @Override
          public void write(long offset, int size, long value) {
            log.append("out")
                .append(offset)
                .append('/')
                .append(size)
                .append('=')
                .append(value)
                .append(' ');
          }
        });
    ByteBuffer out = data(1, 2, 3, 4);
    ByteBuffer in = data(0, 0, 0, 0);
    vm.script(
        0,
        new VmExit.PortOut(0x12, 2, 2, out),
        new VmExit.PortIn(0x11, 1, 4, in),
        new VmExit.MmioRead(0x5000, 4),
        new VmExit.Shutdown());
    try (Machine machine = machine(1)) {
      assertEquals("enter ", log.toString());
      machine.start();
      assertInstanceOf(Ending.TripleFault.class, machine.await(MILLIS));
      assertEquals("enter out2/2=513 out2/2=1027 ", log.toString());
      assertEquals(0x22, in.get(3));
      assertEquals(0xFFFF_FFFFL, vm.answer(0), "nothing sits at 0x5000");
      ExitLog exits = machine.exitLogs().getFirst();
      assertEquals(4, exits.total());
      assertEquals(1, exits.count(ExitLog.Kind.PORT_IN));
      assertEquals("PORT_OUT 0x12", exits.last().getFirst());
    }
  }

  private static ByteBuffer data(int... bytes) {
    ByteBuffer data = ByteBuffer.allocate(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < bytes.length; i++) {
      data.put(i, (byte) bytes[i]);
    }
    return data;
  }

  @Test
  void storesThatWaitedArriveBeforeTheExitIsDealtWith() {
    ports.attach(
        new AddressRange(0x70, 2),
        new Device() {
          private long index;

          @Override
          public long read(long offset, int size) {
            return index + 1;
          }

          @Override
          public void write(long offset, int size, long value) {
            index = value;
          }
        });
    vm.storeLater(0x70, 8);
    vm.storeLater(0x70, 9);
    vm.script(0, new VmExit.PortIn(0x71, 1, 1, data(0)), new VmExit.Shutdown());
    try (Machine machine = machine(1)) {
      machine.start();
      assertInstanceOf(Ending.TripleFault.class, machine.await(MILLIS));
      assertEquals(10, vm.answer(0));
    }
  }

  @Test
  void noInstructionRunsBehindTheOneThatEndedTheMachine() {
    Machine[] late = new Machine[1];
    ports.attach(
        new AddressRange(0x64, 1),
        new Device() {
          @Override
          public long read(long offset, int size) {
            return 0;
          }

          @Override
          public void write(long offset, int size, long value) {
            late[0].end(new Ending.Reboot());
          }
        });
    VmExit reset = new VmExit.PortOut(0x64, 1, 1, data(0));
    vm.script(0, reset, reset, reset);
    try (Machine machine = machine(1)) {
      late[0] = machine;
      machine.start();
      assertEquals(new Ending.Reboot(), machine.await(MILLIS));
      machine.close();
      assertEquals(1, machine.exitLogs().getFirst().total());
    }
  }

  @Test
  void theFirstEndingCounts() {
    try (Machine machine = machine(2)) {
      machine.start();
      machine.end(new Ending.PowerOff());
      machine.end(new Ending.Reboot());
      assertEquals(new Ending.PowerOff(), machine.await(MILLIS));
    }
    assertEquals(2, vm.closed());
  }

  @Test
  void whatAThreadThrowsEndsTheMachineWithAReport() {
    ports.attach(
        new AddressRange(0x10, 1),
        new Device() {
          @Override
          public long read(long offset, int size) {
            throw new OutOfMemoryError("of a device");
          }

          @Override
          public void write(long offset, int size, long value) {}
        });
    vm.script(0, new VmExit.PortIn(0x10, 1, 1, data(0)));
    try (Machine machine = machine(1)) {
      machine.start();
      Ending.Failed failed = assertInstanceOf(Ending.Failed.class, machine.await(MILLIS));
      assertTrue(
          failed.report().contains("vcpu-0: java.lang.OutOfMemoryError: of a device"),
          failed.report());
    }
  }

  @Test
  void anUnknownExitEndsItWithItsNumberAndTheRegisters() {
    vm.script(0, new VmExit.Unknown(99));
    try (Machine machine = machine(1)) {
      machine.start();
      Ending.Failed failed = assertInstanceOf(Ending.Failed.class, machine.await(MILLIS));
      assertTrue(failed.report().contains("reason=99"), failed.report());
      assertTrue(failed.report().contains("rip"), failed.report());
    }
  }

  @Test
  void aMachineWhoseVcpuCannotBeMadeIsNeverMade() {
    vm.refuseVcpus();
    assertThrows(CompletionException.class, () -> machine(1));
  }

  @Test
  void pauseStopsVcpusThenDevicesAndResumeIsTheOtherWayRound() {
    Part part = new Part(true);
    try (Machine machine = machine(2, part)) {
      machine.start();
      assertTrue(vm.awaitRunning(2, MILLIS));
      int before = vm.notifiedPaused(); // a start may count as the end of a rest
      assertTrue(machine.pause());
      assertTrue(vm.allRest(), "a vCPU runs while devices drain");
      assertTrue(machine.pause(), "paused already");
      machine.resume();
      assertEquals("quiesce resume ", log.substring("enter ".length()));
      assertTrue(vm.awaitRunning(2, MILLIS));
      assertEquals(before + 2, vm.notifiedPaused());
    }
  }

  @Test
  void aPauseThatFailsLeavesTheMachineRunning() {
    try (Machine machine = machine(1, new Part(false))) {
      machine.start();
      assertFalse(machine.pause());
      assertTrue(vm.awaitRunning(1, MILLIS));
    }
  }

  @Test
  void aRestingMachineIsSavedAndAnotherBecomesIt() {
    StateWriter out = new StateWriter();
    try (Machine machine = machine(2, new Part(true))) {
      machine.start();
      assertTrue(machine.pause());
      machine.save(out);
    }
    ScriptedMachine other = new ScriptedMachine();
    try (Machine machine =
        new Machine(
            new MachineParts(
                other,
                FlatMemory.of(4096, bytes -> arena.allocate(bytes, 4096)),
                ports,
                mmio,
                2,
                vcpu -> {},
                List.of(new Part(true)),
                false))) {
      machine.load(new StateReader(out.toByteArray()));
      assertEquals(2, other.loaded());
      machine.resume();
      assertTrue(other.awaitRunning(2, MILLIS));
    }
  }

  @Test
  void aReportComesFromARunningMachineToo() {
    try (Machine machine = machine(1)) {
      machine.start();
      assertTrue(machine.report(MILLIS).contains("mode real"), machine.report(MILLIS));
      assertNotNull(machine.ending());
    }
  }

  private final class Part implements Quiescent {
    private final boolean drains;

    Part(boolean drains) {
      this.drains = drains;
    }

    @Override
    public boolean quiesce(long deadlineNanos) {
      log.append("quiesce ");
      return drains;
    }

    @Override
    public void resume() {
      log.append("resume ");
    }

    @Override
    public void save(StateWriter out) {
      out.record("part", 0, 1, fields -> fields.putInt(1));
    }

    @Override
    public void load(StateReader in) {
      in.record("part", 0, 1).getInt();
    }
  }
}
