package dev.javisor.images.kernel;

import dev.javisor.vmm.machine.MemoryMapEntry;
import dev.javisor.vmm.memory.GuestMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// `struct hvm_start_info`, version 1, with its memory map and, if there is an initrd, one module
/// (xen/include/public/arch-x86/hvm/start_info.h).
record PvhStartInfo(GuestMemory memory, BootParameters parameters, KernelLoader.Initrd initrd) {
  private static final int MAGIC = 0x336EC578;
  private static final int VERSION = 1;
  private static final int BYTES = 56;
  private static final int MODULE_BYTES = 32;
  private static final int MAP_ENTRY_BYTES = 24;

  void write() {
    int modules = initrd.bytes() == 0 ? 0 : 1;
    ByteBuffer info = bytes(BYTES);
    info.putInt(0, MAGIC);
    info.putInt(4, VERSION);
    info.putInt(12, modules);
    info.putLong(16, modules == 0 ? 0 : LowMemory.MODULES);
    info.putLong(24, LowMemory.CMDLINE);
    info.putLong(32, parameters.rsdpGpa());
    info.putLong(40, LowMemory.PVH_MEMORY_MAP);
    info.putInt(48, parameters.memoryMap().size());
    memory.write(LowMemory.START_INFO, info.array());
    writeModule();
    writeMemoryMap();
  }

  private void writeModule() {
    ByteBuffer module = bytes(MODULE_BYTES);
    module.putLong(0, initrd.gpa());
    module.putLong(8, initrd.bytes());
    memory.write(LowMemory.MODULES, module.array());
  }

  private void writeMemoryMap() {
    ByteBuffer map = bytes(parameters.memoryMap().size() * MAP_ENTRY_BYTES);
    int at = 0;
    for (MemoryMapEntry entry : parameters.memoryMap()) {
      map.putLong(at, entry.base());
      map.putLong(at + 8, entry.size());
      map.putInt(at + 16, entry.type());
      at += MAP_ENTRY_BYTES;
    }
    memory.write(LowMemory.PVH_MEMORY_MAP, map.array());
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
  }
}
