package dev.javisor.images.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.javisor.vmm.machine.MemoryMapEntry;
import dev.javisor.vmm.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// `struct boot_params` (Documentation/arch/x86/zero-page.rst): all zero but the kernel's own setup
/// header, what a boot loader fills into it, ACPI's root pointer and the memory map.
record ZeroPage(GuestMemory memory, BootParameters parameters, KernelLoader.Initrd initrd) {
  private static final ValueLayout.OfInt U32 =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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
    MemorySegment page = memory.writable(LowMemory.ZERO_PAGE, BYTES);
    page.fill((byte) 0);
    MemorySegment.copy(setupHeader, 0, page, JAVA_BYTE, BzImage.SETUP_HEADER, setupHeader.length);
    page.set(JAVA_BYTE, TYPE_OF_LOADER, UNREGISTERED_LOADER);
    page.set(U32, CMD_LINE_PTR, (int) LowMemory.CMDLINE);
    page.set(U64, ACPI_RSDP_ADDR, parameters.rsdpGpa());
    page.set(U32, RAMDISK_IMAGE, (int) initrd.gpa());
    page.set(U32, RAMDISK_SIZE, (int) initrd.bytes());
    page.set(U32, EXT_RAMDISK_IMAGE, (int) (initrd.gpa() >>> 32));
    writeMemoryMap(page);
    memory.written(LowMemory.ZERO_PAGE, BYTES);
  }

  private void writeMemoryMap(MemorySegment page) {
    page.set(JAVA_BYTE, E820_ENTRIES, (byte) parameters.memoryMap().size());
    long at = E820_TABLE;
    for (MemoryMapEntry entry : parameters.memoryMap()) {
      page.set(U64, at, entry.base());
      page.set(U64, at + 8, entry.size());
      page.set(U32, at + 16, entry.type());
      at += E820_ENTRY_BYTES;
    }
  }
}
