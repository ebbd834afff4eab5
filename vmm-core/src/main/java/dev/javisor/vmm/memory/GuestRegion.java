package dev.javisor.vmm.memory;

import java.lang.foreign.MemorySegment;

/// A run of guest-physical RAM and the host memory behind it.
///
/// @param gpa first guest-physical address, page-aligned
/// @param host what lies behind it, page-aligned, its size a multiple of 4096 bytes
/// @param readOnly the guest may read it, its stores exit
public record GuestRegion(long gpa, MemorySegment host, boolean readOnly) {

  public static final long PAGE_BYTES = 4096;

  public GuestRegion {
    if ((gpa | host.byteSize() | host.address()) % PAGE_BYTES != 0 || host.byteSize() == 0) {
      throw new IllegalArgumentException(
          "region not page-aligned: gpa 0x%x, %d bytes".formatted(gpa, host.byteSize()));
    }
  }

  public long size() {
    return host.byteSize();
  }

  /// The first address behind it.
  public long end() {
    return gpa + size();
  }
}
