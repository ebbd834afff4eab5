package dev.javisor.images.kernel;

import dev.javisor.vmm.machine.MemoryMapEntry;
import dev.javisor.vmm.memory.GuestMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// `struct boot_params` (Documentation/arch/x86/zero-page.rst): all zero but the kernel's own setup
/// header, what a boot loader fills into it, ACPI's root pointer and the memory map.
record ZeroPage(GuestMemory memory, BootParameters parameters, KernelLoader.Initrd initrd) {
  private static final int BYTES = 4096;
  private static final int ACPI_RSDP_ADDR = 0x70;
  private static final int EXT_RAMDISK_IMAGE = 0xC0;
  private static final int E820_ENTRIES = 0x1E8;
  private static final int TYPE_OF_LOADER = 0x210;
  private static final int RAMDISK_IMAGE = 0x218;
  private static final int RAMDISK_SIZE = 0x21C;
  private static final int CMD_LINE_PTR = 0x228;
  private static final int E820_TABLE = 0x2D0;
  private static final int E820_ENTRY_BYTES = 20;
  private static final byte UNREGISTERED_LOADER = (byte) 0xFF;

  /// For a kernel that brings none: the fields Linux reads of a header, of protocol 2.15.
  static final byte[] ELF_SETUP_HEADER = elfSetupHeader();

  private static byte[] elfSetupHeader() {
    ByteBuffer header =
        ByteBuffer.allocate(0x264 - BzImage.SETUP_HEADER).order(ByteOrder.LITTLE_ENDIAN);
    header.putShort(0x1FE - BzImage.SETUP_HEADER, (short) 0xAA55);
    header.putInt(0x202 - BzImage.SETUP_HEADER, 0x53726448); // "HdrS"
    header.putShort(0x206 - BzImage.SETUP_HEADER, (short) 0x20F);
    header.put(0x211 - BzImage.SETUP_HEADER, (byte) 1); // LOADED_HIGH
    header.putInt(0x230 - BzImage.SETUP_HEADER, 0x200000); // kernel_alignment
    header.putInt(0x238 - BzImage.SETUP_HEADER, 2047); // cmdline_size
    return header.array();
  }

  void write(byte[] setupHeader) {
    ByteBuffer page = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    page.put(BzImage.SETUP_HEADER, setupHeader);
    page.put(TYPE_OF_LOADER, UNREGISTERED_LOADER);
    page.putInt(CMD_LINE_PTR, (int) LowMemory.CMDLINE);
    page.putLong(ACPI_RSDP_ADDR, parameters.rsdpGpa());
    page.putInt(RAMDISK_IMAGE, (int) initrd.gpa());
    page.putInt(RAMDISK_SIZE, (int) initrd.bytes());
    page.putInt(EXT_RAMDISK_IMAGE, (int) (initrd.gpa() >>> 32));
    writeMemoryMap(page);
    memory.write(LowMemory.ZERO_PAGE, page.array());
  }

  private void writeMemoryMap(ByteBuffer page) {
    page.put(E820_ENTRIES, (byte) parameters.memoryMap().size());
    int at = E820_TABLE;
    for (MemoryMapEntry entry : parameters.memoryMap()) {
      page.putLong(at, entry.base());
      page.putLong(at + 8, entry.size());
      page.putInt(at + 16, entry.type());
      at += E820_ENTRY_BYTES;
    }
  }
}
