package dev.javisor.devices.board;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.devices.virtio.Activation;
import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.testkit.asm.RealMode;
import dev.javisor.testkit.fake.ManualTime;
import dev.javisor.testkit.fake.RecordingMachine;
import dev.javisor.vmm.backend.ByteConsole;
import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.memory.SparseFileMemory;
import dev.javisor.vmm.state.Quiescent;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BoardTest {
  private final Arena arena = Arena.ofShared();
  private final RecordingMachine vm = new RecordingMachine(true);
  private final FlatMemory memory = FlatMemory.of(4 << 20, new SparseFileMemory(arena));
  private final List<Ending> endings = new ArrayList<>();
  private final StringBuilder printed = new StringBuilder();
  private final Bus ports = new Bus("port");
  private final Bus mmio = new Bus("mmio");
  private final Board board = build(vm, ports, mmio);

  @AfterEach
  void close() {
    arena.close();
  }

  private Board build(RecordingMachine vm, Bus ports, Bus mmio) {
    Board built =
        Board.build(
            new BoardParts(
                vm,
                memory,
                ports,
                mmio,
                2,
                40,
                new Paper(),
                new ManualTime(Instant.EPOCH),
                endings::add,
                List.of(new Disk(), new Disk())));
    ports.freeze();
    mmio.freeze();
    return built;
  }

  @Test
  void aProcessorThatBeginsWhereABiosWouldBeResetsTheMachine() {
    byte[] code =
        new RealMode(0xFFF0)
            .movDx(0x602)
            .movAl(1)
            .outDxAl()
            .label("again")
            .hlt()
            .bytes(0xEB, 0xFD) // jmp again
            .assemble();
    byte[] found = memory.readable(0xFFFF0, code.length).toArray(ValueLayout.JAVA_BYTE);
    assertArrayEquals(code, found);
    ports.write(0x602, 1, 1);
    assertEquals(List.of(new Ending.Reboot()), endings);
  }

  @Test
  void whatOnlySelectsAnotherRegisterMayWait() {
    assertEquals(
        List.of(new AddressRange(0x70, 1), new AddressRange(0xCF8, 4)), vm.coalescedPorts());
  }

  private final class Paper implements ByteConsole {
    @Override
    public int write(MemorySegment source) {
      byte[] bytes = source.toArray(ValueLayout.JAVA_BYTE);
      printed.append(new String(bytes, StandardCharsets.US_ASCII));
      return bytes.length;
    }

    @Override
    public int read(MemorySegment target) {
      return 0;
    }

    @Override
    public void onReady(Runnable ready) {
      // never
    }

    @Override
    public void close() {
      // nothing is held
    }
  }

  /// A disk without a medium.
  private static final class Disk implements VirtioDevice {
    @Override
    public int deviceId() {
      return 2;
    }

    @Override
    public int[] queueSizes() {
      return new int[] {128};
    }

    @Override
    public long features() {
      return 0;
    }

    @Override
    public int configBytes() {
      return 8;
    }

    @Override
    public long readConfig(int offset, int size) {
      return 0x44;
    }

    @Override
    public void writeConfig(int offset, int size, long value) {
      // read-only
    }

    @Override
    public void activate(Activation activation) {
      throw new AssertionError("there is no driver");
    }

    @Override
    public void reset(Runnable done) {
      done.run();
    }

    @Override
    public void close() {
      // nothing is held
    }

    @Override
    public boolean quiesce(long deadlineNanos) {
      return true;
    }

    @Override
    public void resume() {
      // it never stopped
    }

    @Override
    public void save(StateWriter out) {
      out.record("disk", 0, 1, _ -> {});
    }

    @Override
    public void load(StateReader in) {
      in.record("disk", 0, 1);
    }
  }

  @Test
  void virtioDevicesSitOnThePciBusInOrderWithTheirBarsAssigned() {
    for (int slot = 1; slot <= 2; slot++) {
      long function = 0xE000_0000L + ((long) slot << 15);
      assertEquals(0x1042_1AF4, mmio.read(function, 4));
      ports.write(0xCF8, 4, 0x8000_0000L | slot << 11);
      assertEquals(0x1042_1AF4, ports.read(0xCFC, 4));
      long bar = mmio.read(function + 0x10, 4);
      assertEquals(0xC000_0000L + slot * 0x8000L, bar);
      assertEquals(0xFF, mmio.read(bar + 0x2000, 1), "closed until the driver enables it");
      mmio.write(function + 4, 2, 6);
      assertEquals(0x44, mmio.read(bar + 0x2000, 1));
    }
    assertEquals(0xFFFF_FFFFL, mmio.read(0xE000_0000L + (3 << 15), 4));
    assertEquals(4, vm.messages().size(), "two vectors each");
    assertEquals(2, vm.doorbells().size());
  }

  @Test
  void everythingOutsideTheMapReadsAllOnes() {
    for (long gpa : new long[] {0xE010_0000L, 0xFEC0_0000L, 0xFEE0_0000L, 0xFFFF_FFF0L}) {
      assertEquals(0xFFFF_FFFFL, mmio.read(gpa, 4));
      mmio.write(gpa, 4, 0);
    }
  }

  @Test
  void everyDeviceAnswersAtItsPort() {
    ports.write(0x3F8, 1, 'A');
    assertEquals("A", printed.toString());
    ports.write(0x3F9, 1, 2);
    assertTrue(vm.line(4).high());
    ports.write(0x70, 1, 9);
    assertEquals(0x70, ports.read(0x71, 1));
    assertEquals(3, ports.read(0x505, 1));
    assertEquals(0, ports.read(0x600, 1));
    assertEquals(0, ports.read(0x603, 1));
    assertEquals(0xFF, ports.read(0x2FD, 1), "no second serial port");
  }

  @Test
  void everyEndHasItsPort() {
    ports.write(0x64, 1, 0xFE);
    ports.write(0x602, 1, 1);
    ports.write(0x600, 1, 0x34);
    assertEquals(List.of(new Ending.Reboot(), new Ending.Reboot(), new Ending.PowerOff()), endings);
    ports.write(0x505, 1, 1);
    assertEquals(4, endings.size());
  }

  @Test
  void powerButtonPullsItsGsi() {
    board.powerButton().press();
    assertEquals(1, vm.line(9).edges());
    assertEquals(1, ports.read(0x603, 1));
  }

  @Test
  void rsdpIsWhereALegacySearchLooks() {
    assertEquals(0xE0000, board.rsdpGpa());
    byte[] signature = memory.readable(0xE0000, 8).toArray(ValueLayout.JAVA_BYTE);
    assertEquals("RSD PTR ", new String(signature, StandardCharsets.US_ASCII));
  }

  @Test
  void aFreshBoardGoesOnFromTheSavedState() {
    ports.write(0x3FF, 1, 0x5A);
    ports.write(0x70, 1, 0x40);
    ports.write(0x71, 1, 0x77);
    board.powerButton().press();
    byte[] saved = save(board);

    Bus otherPorts = new Bus("port");
    Board after = build(new RecordingMachine(true), otherPorts, new Bus("mmio"));
    StateReader in = new StateReader(saved);
    after.quiescents().forEach(part -> part.load(in));
    after.quiescents().forEach(Quiescent::resume);
    assertEquals(0x5A, otherPorts.read(0x3FF, 1));
    assertEquals(0x77, otherPorts.read(0x71, 1));
    assertArrayEquals(saved, save(after));
    assertEquals(1, otherPorts.read(0x603, 1));
  }

  private static byte[] save(Board board) {
    board.quiescents().forEach(part -> assertTrue(part.quiesce(System.nanoTime() + 1_000_000_000)));
    StateWriter out = new StateWriter();
    board.quiescents().forEach(part -> part.save(out));
    return out.toByteArray();
  }
}
