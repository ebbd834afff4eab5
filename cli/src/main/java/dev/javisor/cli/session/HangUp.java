package dev.javisor.cli.session;

import dev.javisor.images.micro.GuestProtocol;
import dev.javisor.vmm.backend.ByteConsole;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/// An output of the command whose reader may go away (`| head -1`): then the guest is told, once,
/// so that the command's next write gets SIGPIPE.
record HangUp(ByteConsole console, int descriptor, GuestControl control, AtomicBoolean told)
    implements ByteConsole {

  HangUp(ByteConsole console, int descriptor, GuestControl control) {
    this(console, descriptor, control, new AtomicBoolean());
  }

  @Override
  public int write(MemorySegment source) {
    int taken = console.write(source);
    if (taken < 0 && told.compareAndSet(false, true)) {
      control.send(GuestProtocol.hangup(descriptor));
    }
    return taken;
  }

  @Override
  public int read(MemorySegment target) {
    return console.read(target);
  }

  @Override
  public void onReady(Runnable ready) {
    console.onReady(ready);
  }

  @Override
  public void close() {
    console.close();
  }
}
