package dev.javisor.x86.op.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.fp.Routines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Without the module that has an implementation, as here.
class NoFloatingPointTest {
  private static void failsWithTheRemedy(Executable executable) {
    Exception failure = assertThrows(IllegalStateException.class, executable);
    assertTrue(failure.toString().contains("x86-native"), failure.toString());
  }

  @Test
  void makingAMachineFailsWithTheRemedy() {
    failsWithTheRemedy(Routines::require);
  }

  @Test
  void arithmeticFailsWhenItRuns() {
    Rig rig = new Rig().xmm(0, "0".repeat(32));
    failsWithTheRemedy(() -> rig.run("0F 58 C1"));
    failsWithTheRemedy(() -> rig.run("D9 E8"));
    assertEquals("0".repeat(32), rig.xmm(0));
  }
}
