package dev.javisor.x86.op.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.fp.Routines;
import org.junit.jupiter.api.Test;

/// Without the module that has an implementation, as here.
class NoFloatingPointTest {
  @Test
  void makingAMachineFailsWithTheRemedy() {
    Exception failure = assertThrows(IllegalStateException.class, Routines::require);
    assertTrue(failure.getMessage().contains("x86-native"), failure.getMessage());
  }

  @Test
  void arithmeticFailsOnlyWhenItRuns() {
    Rig rig = new Rig().xmm(0, "0".repeat(32));
    assertThrows(IllegalStateException.class, () -> rig.run("0F 58 C1"));
    assertThrows(IllegalStateException.class, () -> rig.run("D9 E8"));
    assertEquals("0".repeat(32), rig.xmm(0));
  }
}
