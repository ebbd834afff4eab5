package dev.javisor.cli.session;

import dev.javisor.vmm.backend.ByteConsole;
import java.lang.foreign.MemorySegment;

/// A far end where nobody is: takes everything, gives nothing.
enum NoConsole implements ByteConsole {
  INSTANCE;

  @Override
  public int write(MemorySegment source) {
    return (int) source.byteSize();
  }

  @Override
  public int read(MemorySegment target) {
    return 0;
  }

  @Override
  public void onReady(Runnable ready) {
    // never anything to tell
  }

  @Override
  public void close() {
    // nothing is held
  }
}
