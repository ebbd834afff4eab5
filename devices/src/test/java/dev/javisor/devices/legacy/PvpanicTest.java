package dev.javisor.devices.legacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.javisor.vmm.machine.Ending;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PvpanicTest {
  private final List<Ending> endings = new ArrayList<>();
  private final Pvpanic pvpanic = new Pvpanic(endings::add);

  @Test
  void offersPanickedAndCrashLoaded() {
    assertEquals(3, pvpanic.read(0, 1));
    assertEquals(0xFFFF, pvpanic.read(0, 2));
  }

  @Test
  void aPanicEndsTheMachine() {
    pvpanic.write(0, 1, 1);
    assertEquals(1, endings.size());
    assertInstanceOf(Ending.Panic.class, endings.getFirst());
  }

  @Test
  void aCrashKernelGoesOn() {
    pvpanic.write(0, 1, 2);
    pvpanic.write(0, 4, 1);
    assertEquals(List.of(), endings);
  }
}
