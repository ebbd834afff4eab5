package dev.javisor.devices.legacy;

import dev.javisor.vmm.backend.ByteConsole;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// A console that takes only as many bytes as a test allows.
final class MeteredConsole implements ByteConsole {
  private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  private byte[] input = {};
  private int inputAt;
  private long allowance;
  private boolean closed;
  private Runnable ready = () -> {};

  MeteredConsole(long allowance) {
    this.allowance = allowance;
  }

  @Override
  public int write(MemorySegment source) {
    if (closed) {
      return -1;
    }
    int count = (int) Math.min(allowance, source.byteSize());
    taken.writeBytes(source.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE));
    allowance -= count;
    return count;
  }

  @Override
  public int read(MemorySegment target) {
    int count = (int) Math.min(input.length - inputAt, target.byteSize());
    MemorySegment.copy(input, inputAt, target, ValueLayout.JAVA_BYTE, 0, count);
    inputAt += count;
    return count;
  }

  @Override
  public void onReady(Runnable ready) {
    this.ready = ready;
  }

  void allow(long more) {
    allowance += more;
    ready.run();
  }

  void type(String text) {
    input = text.getBytes(StandardCharsets.US_ASCII);
    inputAt = 0;
    ready.run();
  }

  int untyped() {
    return input.length - inputAt;
  }

  byte[] bytes() {
    return taken.toByteArray();
  }

  String text() {
    return taken.toString(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    closed = true;
  }
}
