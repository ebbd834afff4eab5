package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.hypervisor.VmExit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Stores that may wait come all the same, in their order and before the exit that follows them;
/// where an engine has no such thing, it says so and they exit.
public abstract class CoalescingContract extends EngineContract {
  private static final AddressRange PORTS = new AddressRange(0x30, 4);
  private static final AddressRange REGISTERS = new AddressRange(PayloadGuest.NOWHERE, 16);
  private static final int END = 0x10;

  private final List<String> arrived = new ArrayList<>();
  private int exits;

  /// Runs to the `OUT` at the end, noting each store in the order in which it comes to a device.
  private void runToEnd(PayloadGuest guest) {
    while (true) {
      VmExit exit = guest.run();
      exits++;
      guest.vcpu().deliver(device("port"), device("mmio"));
      switch (exit) {
        case VmExit.PortOut out when out.port() == END -> {
          return;
        }
        case VmExit.PortOut out ->
            arrived.add(store("port", out.port(), out.size(), PayloadGuest.little(out.data())));
        case VmExit.MmioWrite write ->
            arrived.add(store("mmio", write.gpa(), write.size(), write.value()));
        case VmExit.MmioRead _ -> {
          arrived.add("load");
          guest.vcpu().answer(0);
        }
        default -> throw new AssertionError(exit);
      }
    }
  }

  private Device device(String bus) {
    return new Device() {
      @Override
      public long read(long offset, int size) {
        throw new AssertionError("only stores wait");
      }

      @Override
      public void write(long offset, int size, long value) {
        arrived.add(store(bus, offset, size, value));
      }
    };
  }

  private static String store(String bus, long address, int size, long value) {
    return "%s 0x%x/%d: 0x%x".formatted(bus, address, size, value);
  }

  @Test
  void portsOfEachWidthWait() {
    PayloadGuest guest =
        guest(
            longMode()
                .mov(RAX, 0x8765_4321L)
                .outEax(0x30)
                .outAl(0x33)
                .inAl(0x38)
                .mov(RAX, 7)
                .outAl(0x30)
                .outAl(END));
    boolean able = guest.vm().coalescePorts(PORTS);
    assertEquals(0x38, portRead(guest));
    runToEnd(guest);
    assertEquals(
        List.of("port 0x30/4: 0x87654321", "port 0x33/1: 0x21", "port 0x30/1: 0x7"), arrived);
    assertEquals(able ? 1 : 2, exits, "the end, and without coalescing the last store");
  }

  /// Runs to an `IN`, which does not wait; what was stored before it has arrived then.
  private int portRead(PayloadGuest guest) {
    while (true) {
      VmExit exit = guest.run();
      guest.vcpu().deliver(device("port"), device("mmio"));
      if (exit instanceof VmExit.PortIn in) {
        assertEquals(2, arrived.size(), "what came before");
        return in.port();
      }
      VmExit.PortOut out = (VmExit.PortOut) exit;
      arrived.add(store("port", out.port(), out.size(), PayloadGuest.little(out.data())));
    }
  }

  @Test
  void registersOfEachWidthWait() {
    PayloadGuest guest =
        guest(
            longMode()
                .mov(RBX, PayloadGuest.NOWHERE)
                .mov(RCX, 0x8877_6655_4433_2211L)
                .store(1, RBX, 0, RCX)
                .store(2, RBX, 2, RCX)
                .store(4, RBX, 4, RCX)
                .store(8, RBX, 8, RCX)
                .outAl(END));
    boolean able = guest.vm().coalesce(REGISTERS);
    runToEnd(guest);
    assertEquals(
        List.of(
            "mmio 0xd0000000/1: 0x11",
            "mmio 0xd0000002/2: 0x2211",
            "mmio 0xd0000004/4: 0x44332211",
            "mmio 0xd0000008/8: 0x8877665544332211"),
        arrived);
    assertEquals(able ? 1 : 5, exits);
  }

  @Test
  void loadsAndNeighboursDoNotWait() {
    PayloadGuest guest =
        guest(
            longMode()
                .mov(RBX, PayloadGuest.NOWHERE)
                .mov(RCX, 0x1234)
                .store(2, RBX, 0, RCX)
                .load(4, RAX, RBX, 0)
                .store(2, RBX, 2, RCX)
                .store(2, RBX, 16, RCX)
                .store(4, RBX, 14, RCX)
                .outAl(END));
    boolean able = guest.vm().coalesce(REGISTERS);
    runToEnd(guest);
    assertEquals(
        List.of(
            "mmio 0xd0000000/2: 0x1234",
            "load",
            "mmio 0xd0000002/2: 0x1234",
            "mmio 0xd0000010/2: 0x1234",
            "mmio 0xd000000e/4: 0x1234"),
        arrived);
    assertEquals(able ? 4 : 6, exits, "load, neighbour, one across the end");
  }

  @Test
  void moreThanCanWaitAreNotLost() {
    int many = 400;
    PayloadGuest guest =
        guest(
            longMode()
                .mov(RAX, 0)
                .mov(RBX, -many)
                .label("again")
                .inc(RAX)
                .outEax(0x30)
                .mov(RCX, RAX)
                .add(RCX, RBX)
                .jnz("again")
                .outAl(END));
    guest.vm().coalescePorts(PORTS);
    runToEnd(guest);
    List<String> expected = new ArrayList<>();
    for (int i = 1; i <= many; i++) {
      expected.add(store("port", 0x30, 4, i));
    }
    assertEquals(many, arrived.size());
    assertEquals(expected, arrived);
    assertTrue(exits <= many + 1, exits + " exits");
  }

  @Test
  void afterSeparateTheyExit() {
    LongMode code =
        longMode().mov(RBX, PayloadGuest.NOWHERE).mov(RCX, 5).store(4, RBX, 0, RCX).outAl(END);
    PayloadGuest guest = guest(code);
    guest.vm().coalesce(REGISTERS);
    guest.vm().separate(REGISTERS);
    runToEnd(guest);
    assertEquals(List.of("mmio 0xd0000000/4: 0x5"), arrived);
    assertEquals(2, exits);
  }
}
