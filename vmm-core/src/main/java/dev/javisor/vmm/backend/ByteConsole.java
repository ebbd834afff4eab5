package dev.javisor.vmm.backend;

import java.lang.foreign.MemorySegment;

/// The far end of a console or serial port: two streams of bytes that push back. Nothing blocks;
/// whoever could not go on is called when it can.
public interface ByteConsole extends AutoCloseable {

  /// Takes as much of `source` as fits now and returns how many bytes, 0 when full, -1 when the far
  /// end is closed for good.
  int write(MemorySegment source);

  /// Fills `target` with what has arrived and returns how many bytes; 0 when none waits, -1 at the
  /// end of the stream.
  int read(MemorySegment target);

  /// From now on `ready` is called, on a thread of the console's, whenever a [#write] that took
  /// less than all may be tried again or a [#read] that gave nothing has something.
  void onReady(Runnable ready);

  @Override
  void close();
}
