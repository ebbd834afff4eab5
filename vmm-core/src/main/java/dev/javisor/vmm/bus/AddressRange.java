package dev.javisor.vmm.bus;

/// `size` addresses from `base`, neither empty nor wrapping.
public record AddressRange(long base, long size) {
  public AddressRange {
    if (size <= 0 || base < 0 || base + size < base) {
      throw new IllegalArgumentException("bad range: base 0x%x, size 0x%x".formatted(base, size));
    }
  }

  /// The first address behind it.
  public long end() {
    return base + size;
  }

  public boolean overlaps(AddressRange other) {
    return base < other.end() && other.base < end();
  }
}
