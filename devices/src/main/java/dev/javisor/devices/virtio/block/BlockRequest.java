package dev.javisor.devices.virtio.block;

import java.util.List;

/// What a driver asks of a disk (virtio 1.3, 5.2.6), as [BlockRequestParser] found it: offsets
/// and lengths are bytes, multiples of 512, inside the disk.
sealed interface BlockRequest {
  int S_OK = 0;
  int S_IOERR = 1;
  int S_UNSUPP = 2;

  /// Fill what can be written but its last byte.
  record Read(long offset, long length) implements BlockRequest {}

  /// Its data follow the header.
  record Write(long offset, long length) implements BlockRequest {}

  record Flush() implements BlockRequest {}

  record GetId() implements BlockRequest {}

  record Discard(List<Extent> extents) implements BlockRequest {}

  record WriteZeroes(List<Extent> extents) implements BlockRequest {}

  /// Not to be done; the driver is told `status`.
  record Refused(int status) implements BlockRequest {}

  /// @param unmap whether write-zeroes may give the space back
  record Extent(long offset, long length, boolean unmap) {}
}
