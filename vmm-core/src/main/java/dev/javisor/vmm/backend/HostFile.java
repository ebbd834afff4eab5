package dev.javisor.vmm.backend;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A file or block device as a disk format needs it: positions, never a cursor, so that any thread
/// may call at any time. Locked against other processes while it is open (OFD lock: shared when
/// read-only), whatever else this process opens and closes.
public interface HostFile extends AutoCloseable {

  /// Reads `target.byteSize()` bytes at `offset`; what lies past the end reads as zero.
  void read(long offset, MemorySegment target) throws IOException;

  void write(long offset, MemorySegment source) throws IOException;

  /// Waits until all that was written is on stable storage (`fdatasync`).
  void sync() throws IOException;

  /// Makes a hole: the range reads as zero and its blocks are freed.
  ///
  /// @throws UnsupportedOperationException where the file system or device cannot
  void punchHole(long offset, long length) throws IOException;

  /// Makes the range read as zero, keeping its blocks where the host can.
  ///
  /// @throws UnsupportedOperationException where the file system or device cannot
  void zeroRange(long offset, long length) throws IOException;

  long sizeBytes() throws IOException;

  boolean readOnly();

  @Override
  void close();
}
