package dev.javisor.images.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.images.TestCache;
import dev.javisor.images.micro.MicroGuest;
import dev.javisor.images.packages.Progress;
import dev.javisor.vmm.machine.MemoryMapEntry;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.memory.SparseFileMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Debian's own kernels through the loader.
class DebianKernelIT {
  private static final long RAM = 512L << 20;

  @ParameterizedTest
  @ValueSource(strings = {"linux-image-cloud-amd64", "linux-image-6.12-cloud-amd64"})
  void aStockBzImageLoadsWithItsInitramfs(String kernelPackage) throws IOException {
    MicroGuest guest = guest(kernelPackage);
    BootEntry entry = load(guest.kernel(), guest.initramfs());
    assertEquals(0x1000200, entry.registers().rip());
  }

  @Test
  void theVmlinuxInsideTheLz4KernelIsEnteredWhereThePreferredAddressIs() throws IOException {
    MicroGuest guest = guest(MicroGuest.KERNEL_PACKAGE);
    BootEntry entry = load(guest.vmlinux().orElseThrow(), guest.initramfs());
    assertEquals(0x1000000, entry.registers().rip());
  }

  @Test
  void aStockVmlinuxHasThePvhNoteAndTheLinuxNote() throws IOException {
    Path vmlinux = guest(MicroGuest.KERNEL_PACKAGE).vmlinux().orElseThrow();
    try (KernelImage image = KernelImage.open(vmlinux)) {
      ElfKernel kernel = (ElfKernel) image;
      assertTrue(kernel.entry() instanceof ElfKernel.Entry.LinuxBoot64);
      assertEquals(4, kernel.segments().size());
    }
  }

  private static MicroGuest guest(String kernelPackage) throws IOException {
    return MicroGuest.prepare(kernelPackage, TestCache.DIRECTORY, Progress.NONE);
  }

  private static BootEntry load(Path kernel, Path initramfs) throws IOException {
    List<MemoryMapEntry> map =
        List.of(
            new MemoryMapEntry(0, 0x9FC00, MemoryMapEntry.RAM),
            new MemoryMapEntry(1 << 20, RAM - (1 << 20), MemoryMapEntry.RAM));
    try (Arena arena = Arena.ofShared();
        KernelImage image = KernelImage.open(kernel);
        BootFile initrd = BootFile.open(initramfs)) {
      FlatMemory memory = FlatMemory.of(RAM, new SparseFileMemory(arena));
      return KernelLoader.load(
          image, memory, new BootParameters(MicroGuest.CMDLINE, initrd, map, 0xE0000));
    }
  }
}
