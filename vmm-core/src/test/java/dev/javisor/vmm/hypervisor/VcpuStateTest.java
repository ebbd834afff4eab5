package dev.javisor.vmm.hypervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.machine.VcpuStates;
import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VcpuStateTest {
  private static byte[] saved(VcpuState state) {
    StateWriter out = new StateWriter();
    state.save(out, 1);
    return out.toByteArray();
  }

  @Test
  void whatIsSavedIsLoadedEqual() {
    VcpuState state = VcpuStates.atReset();
    assertEquals(state, VcpuState.load(new StateReader(saved(state)), 1));
    VcpuState moved = state.entering(Registers.at(0x1000).withRsi(7), state.system());
    assertEquals(moved, VcpuState.load(new StateReader(saved(moved)), 1));
    assertNotEquals(state, moved);
  }

  @Test
  void anotherVcpusStateIsRefused() {
    StateReader in = new StateReader(saved(VcpuStates.atReset()));
    assertThrows(StateException.class, () -> VcpuState.load(in, 0));
  }

  @Test
  void damagedStatesAreRefusedOrLoadedNeverWorse() {
    Random random = new Random(5);
    byte[] whole = saved(VcpuStates.atReset());
    for (int i = 0; i < 5_000; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        VcpuState unused = VcpuState.load(new StateReader(damaged), 1);
      } catch (StateException e) {
        // refused: as it should
      }
    }
  }
}
