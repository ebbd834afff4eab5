package dev.javisor.devices.board;

import dev.javisor.vmm.state.Quiescent;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.vmm.state.Stateful;

/// A part that never has anything in flight: at rest whenever the vCPUs are.
record Still(Stateful part) implements Quiescent {
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
    part.save(out);
  }

  @Override
  public void load(StateReader in) {
    part.load(in);
  }
}
