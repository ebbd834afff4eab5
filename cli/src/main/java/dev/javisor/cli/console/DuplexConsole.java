package dev.javisor.cli.console;

import dev.javisor.vmm.backend.ByteConsole;
import java.lang.foreign.MemorySegment;

/// A console whose input and output are two streams: a terminal.
public record DuplexConsole(ByteConsole input, ByteConsole output) implements ByteConsole {
  @Override
  public int write(MemorySegment source) {
    return output.write(source);
  }

  @Override
  public int read(MemorySegment target) {
    return input.read(target);
  }

  @Override
  public void onReady(Runnable ready) {
    output.onReady(ready);
    input.onReady(ready);
  }

  @Override
  public void close() {
    input.close();
    output.close();
  }
}
