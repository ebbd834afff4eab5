package dev.javisor.images.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.javisor.vmm.machine.MemoryMapEntry;
import dev.javisor.vmm.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// `struct hvm_start_info`, version 1, with its memory map and, if there is an initrd, one module
/// (xen/include/public/arch-x86/hvm/start_info.h).
record PvhStartInfo(GuestMemory memory, BootParameters parameters, KernelLoader.Initrd initrd) {
  private static final ValueLayout.OfInt U32 =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int MAGIC = 0x336EC578;
  private static final int VERSION = 1;
  private static final int BYTES = 56;
  private static final int MODULE_BYTES = 32;
  private static final int MAP_ENTRY_BYTES = 24;

  void write() {
    int modules = initrd.bytes() == 0 ? 0 : 1;
    MemorySegment info = cleared(LowMemory.START_INFO, BYTES);
    info.set(U32, 0, MAGIC);
    info.set(U32, 4, VERSION);
    info.set(U32, 12, modules);
    info.set(U64, 16, modules == 0 ? 0 : LowMemory.MODULES);
    info.set(U64, 24, LowMemory.CMDLINE);
    info.set(U64, 32, parameters.rsdpGpa());
    info.set(U64, 40, LowMemory.PVH_MEMORY_MAP);
    info.set(U32, 48, parameters.memoryMap().size());
    memory.written(LowMemory.START_INFO, BYTES);
    writeModule();
    writeMemoryMap();
  }

  private void writeModule() {
    MemorySegment module = cleared(LowMemory.MODULES, MODULE_BYTES);
    module.set(U64, 0, initrd.gpa());
    module.set(U64, 8, initrd.bytes());
    memory.written(LowMemory.MODULES, MODULE_BYTES);
  }

  private void writeMemoryMap() {
    long bytes = (long) parameters.memoryMap().size() * MAP_ENTRY_BYTES;
    MemorySegment map = cleared(LowMemory.PVH_MEMORY_MAP, bytes);
    long at = 0;
    for (MemoryMapEntry entry : parameters.memoryMap()) {
      map.set(U64, at, entry.base());
      map.set(U64, at + 8, entry.size());
      map.set(U32, at + 16, entry.type());
      at += MAP_ENTRY_BYTES;
    }
    memory.written(LowMemory.PVH_MEMORY_MAP, bytes);
  }

  private MemorySegment cleared(long gpa, long bytes) {
    return memory.writable(gpa, bytes).fill((byte) 0);
  }
}
