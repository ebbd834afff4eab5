package dev.javisor.testkit.virtio;

import dev.javisor.vmm.backend.ByteConsole;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A far end of a console in memory: takes as much output as a test allows, gives what a test
/// puts in, and counts how often it was asked. Any thread.
public final class MemoryConsole implements ByteConsole {
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private byte[] input = new byte[0];
  private boolean inputEnded;
  private boolean outputClosed;
  private long room = Long.MAX_VALUE;
  private int writes;
  private boolean closed;
  private Runnable ready = () -> {};

  @Override
  public synchronized int write(MemorySegment source) {
    writes++;
    if (outputClosed) {
      return -1;
    }
    int taken = (int) Math.min(room, source.byteSize());
    output.writeBytes(source.asSlice(0, taken).toArray(ValueLayout.JAVA_BYTE));
    room -= taken;
    return taken;
  }

  @Override
  public synchronized int read(MemorySegment target) {
    int taken = (int) Math.min(input.length, target.byteSize());
    if (taken == 0) {
      return inputEnded ? -1 : 0;
    }
    MemorySegment.copy(input, 0, target, ValueLayout.JAVA_BYTE, 0, taken);
    input = Arrays.copyOfRange(input, taken, input.length);
    return taken;
  }

  @Override
  public synchronized void onReady(Runnable newReady) {
    ready = newReady;
  }

  private void tell() {
    Runnable told;
    synchronized (this) {
      told = ready;
    }
    told.run();
  }

  /// Something arrives from outside.
  public void type(byte... bytes) {
    synchronized (this) {
      byte[] more = Arrays.copyOf(input, input.length + bytes.length);
      System.arraycopy(bytes, 0, more, input.length, bytes.length);
      input = more;
    }
    tell();
  }

  /// Nothing more arrives.
  public void endInput() {
    synchronized (this) {
      inputEnded = true;
    }
    tell();
  }

  /// Nobody reads the output any more.
  public void closeOutput() {
    synchronized (this) {
      outputClosed = true;
    }
    tell();
  }

  /// From now on `bytes` of output are taken, and then no more.
  public void setRoom(long bytes) {
    synchronized (this) {
      room = bytes;
    }
    tell();
  }

  public synchronized byte[] output() {
    return output.toByteArray();
  }

  public synchronized int unread() {
    return input.length;
  }

  public synchronized int writes() {
    return writes;
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
