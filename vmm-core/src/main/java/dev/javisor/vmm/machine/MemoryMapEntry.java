package dev.javisor.vmm.machine;

/// One run of the guest-physical memory map as firmware reports it (ACPI 6.5, table 15.2): e820 and
/// the PVH memory map are made of these.
///
/// @param base first guest-physical address
/// @param size in bytes
/// @param type one of [#RAM], [#RESERVED], [#ACPI]
public record MemoryMapEntry(long base, long size, int type) {
  public static final int RAM = 1;
  public static final int RESERVED = 2;
  public static final int ACPI = 3;
}
