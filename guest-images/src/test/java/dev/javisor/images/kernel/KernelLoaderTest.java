package dev.javisor.images.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.machine.MemoryMapEntry;
import dev.javisor.vmm.memory.DirtyPages;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.memory.SparseFileMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelLoaderTest {
  private static final long MIB = 1 << 20;
  private static final long RAM = 32 * MIB;
  private static final long RSDP = 0xE0000;
  private static final List<MemoryMapEntry> MAP =
      List.of(
          new MemoryMapEntry(0, 0x9FC00, MemoryMapEntry.RAM),
          new MemoryMapEntry(0x9FC00, 0x60400, MemoryMapEntry.RESERVED),
          new MemoryMapEntry(MIB, RAM - MIB, MemoryMapEntry.RAM));

  private final Arena arena = Arena.ofShared();
  private final FlatMemory memory = FlatMemory.of(RAM, new SparseFileMemory(arena));
  @TempDir Path directory;

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void aBzImageIsEnteredIn64BitModeBehindItsFirstHalfKilobyte() throws IOException {
    BootEntry entry = load(TinyKernels.bzImage(), "console=ttyS0", null);
    assertEquals(TinyKernels.PREF_ADDRESS + 0x200, entry.registers().rip());
    assertEquals(LowMemory.ZERO_PAGE, entry.registers().rsi());
    assertEquals(2, entry.registers().rflags());
    assertEquals(new Segment(0, -1, 0x10, Segment.CODE_64), entry.system().cs());
    assertEquals(new Segment(0, -1, 0x18, Segment.DATA_32), entry.system().ss());
    assertEquals(0x80000011L, entry.system().cr0());
    assertEquals(1 << 5, entry.system().cr4());
    assertEquals(0x500, entry.system().efer());
    assertEquals(0xC0, u8(TinyKernels.PREF_ADDRESS));
    assertEquals(0xCF, u8(TinyKernels.PREF_ADDRESS + 15));
  }

  @Test
  void theDescriptorTableHoldsWhatTheSegmentsSay() throws IOException {
    BootEntry entry = load(TinyKernels.bzImage(), "", null);
    long gdt = entry.system().gdt().base();
    assertEquals(0x00AF9B000000FFFFL, u64(gdt + entry.system().cs().selector()));
    assertEquals(0x00CF93000000FFFFL, u64(gdt + entry.system().ds().selector()));
    assertEquals(0x00008B0000000067L, u64(gdt + entry.system().tr().selector()));
  }

  @Test
  void theFirstFourGibibytesAreMappedToThemselves() throws IOException {
    long root = load(TinyKernels.bzImage(), "", null).system().cr3();
    for (long gpa : new long[] {0, 0x7000, 0x1000200, 0x3FFFFFFFL, 0xFEE00000L, 0xFFFFFFFFL}) {
      assertEquals(gpa, translate(root, gpa));
    }
    assertEquals(0, u64(root + 8)); // and nothing else is
  }

  @Test
  void theZeroPageCarriesTheHeaderTheCommandLineAndTheMemoryMap() throws IOException {
    load(TinyKernels.bzImage(), "console=ttyS0 quiet", null);
    long page = LowMemory.ZERO_PAGE;
    assertEquals(0x53726448, (int) u32(page + 0x202));
    assertEquals(TinyKernels.INIT_SIZE, u32(page + 0x260));
    assertEquals(0xFF, u8(page + 0x210));
    assertEquals(RSDP, u64(page + 0x70));
    assertEquals("console=ttyS0 quiet", text(u32(page + 0x228)));
    assertEquals(3, u8(page + 0x1E8));
    assertEquals(MIB, u64(page + 0x2D0 + 40));
    assertEquals(RAM - MIB, u64(page + 0x2D0 + 48));
    assertEquals(MemoryMapEntry.RAM, u32(page + 0x2D0 + 56));
    assertEquals(0, u32(page + 0x21C));
  }

  @Test
  void theInitrdEndsLowRamOnAPageBoundary() throws IOException {
    byte[] initrd = random(10_000);
    load(TinyKernels.bzImage(), "", initrd);
    long gpa = u32(LowMemory.ZERO_PAGE + 0x218);
    assertEquals(RAM - 12288, gpa);
    assertEquals(10_000, u32(LowMemory.ZERO_PAGE + 0x21C));
    assertArrayEquals(initrd, memory.readable(gpa, 10_000).toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void theInitrdStaysBelowWhatTheKernelCanReach() throws IOException {
    byte[] image = TinyKernels.bzImage();
    put32(image, 0x22C, (int) (24 * MIB - 1));
    load(image, "", random(4096));
    assertEquals(24 * MIB - 4096, u32(LowMemory.ZERO_PAGE + 0x218));
  }

  @Test
  void theInitrdLeavesAlonePartsOfRamTheMapReserves() throws IOException {
    List<MemoryMapEntry> map =
        List.of(
            new MemoryMapEntry(MIB, 27 * MIB, MemoryMapEntry.RAM),
            new MemoryMapEntry(28 * MIB, 4 * MIB, MemoryMapEntry.RESERVED));
    load(TinyKernels.bzImage(), new BootParameters("", BootFile.of("i", random(4096)), map, 0));
    assertEquals(28 * MIB - 4096, u32(LowMemory.ZERO_PAGE + 0x218));
  }

  @Test
  void aFileIsReadStraightIntoTheGuest() throws IOException {
    byte[] initrd = random(3 << 20);
    Path kernel = Files.write(directory.resolve("k"), TinyKernels.bzImage());
    Path disk = Files.write(directory.resolve("i"), initrd);
    try (KernelImage image = KernelImage.open(kernel);
        BootFile file = BootFile.open(disk)) {
      KernelLoader.load(image, memory, new BootParameters("", file, MAP, RSDP));
    }
    long gpa = u32(LowMemory.ZERO_PAGE + 0x218);
    assertArrayEquals(initrd, memory.readable(gpa, 3 << 20).toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void aFileThatShrinksAfterItWasOpenedIsAnError() throws IOException {
    Path file = Files.write(directory.resolve("k"), TinyKernels.bzImage());
    try (KernelImage image = KernelImage.open(file)) {
      Files.write(file, Arrays.copyOf(TinyKernels.bzImage(), TinyKernels.BODY_OFFSET));
      assertTrue(refusal(image, new BootParameters("", null, MAP, 0)).contains("truncated"));
    }
  }

  /// RAM is zero before a kernel comes: what a segment has behind its bytes is not touched.
  @Test
  void anElfGoesWhereItSaysAndNowhereElse() throws IOException {
    byte[] behind = random(64);
    memory.write(TinyKernels.ELF_GPA + TinyKernels.ELF_TEXT_BYTES, behind);
    BootEntry entry = load(TinyKernels.elf(), "quiet", null);
    assertEquals(TinyKernels.ELF_ENTRY, entry.registers().rip());
    assertEquals(LowMemory.ZERO_PAGE, entry.registers().rsi());
    assertEquals(0x90, u8(TinyKernels.ELF_GPA));
    assertArrayEquals(
        behind,
        memory
            .readable(TinyKernels.ELF_GPA + TinyKernels.ELF_TEXT_BYTES, 64)
            .toArray(ValueLayout.JAVA_BYTE));
    assertEquals(0x53726448, (int) u32(LowMemory.ZERO_PAGE + 0x202));
    assertEquals("quiet", text(u32(LowMemory.ZERO_PAGE + 0x228)));
  }

  @Test
  void pvhIsEnteredInProtectedModeWithTheStartInfoInEbx() throws IOException {
    byte[] initrd = random(5000);
    BootEntry entry = load(TinyKernels.elf(TinyKernels.pvhNote()), "quiet", initrd);
    assertEquals(TinyKernels.PVH_ENTRY, entry.registers().rip());
    assertEquals(0x11, entry.system().cr0());
    assertEquals(0, entry.system().efer());
    assertEquals(Segment.CODE_32, entry.system().cs().attributes());
    long info = entry.registers().rbx();
    assertEquals(0x336EC578L, u32(info));
    assertEquals(1, u32(info + 4));
    assertEquals(1, u32(info + 12));
    assertEquals(RAM - 8192, u64(u64(info + 16)));
    assertEquals(5000, u64(u64(info + 16) + 8));
    assertEquals("quiet", text(u64(info + 24)));
    assertEquals(RSDP, u64(info + 32));
    assertEquals(3, u32(info + 48));
    assertEquals(RAM - MIB, u64(u64(info + 40) + 48 + 8));
  }

  @Test
  void everyByteWrittenIsReported() throws IOException {
    DirtyPages dirty = new DirtyPages(RAM);
    memory.subscribe(dirty);
    load(TinyKernels.elf(TinyKernels.pvhNote()), "quiet", random(4096));
    load(TinyKernels.bzImage(), "quiet", random(4096));
    long[] pages = dirty.take();
    for (long page = 0; page < RAM / 4096; page++) {
      boolean reported = (pages[(int) (page >> 6)] >> (page & 63) & 1) != 0;
      boolean zero =
          memory.readable(page * 4096, 4096).mismatch(MemorySegment.ofArray(new byte[4096])) < 0;
      assertTrue(reported || zero, "page " + page);
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWithTheNumbers() throws IOException {
    byte[] image = TinyKernels.bzImage();
    put32(image, 0x260, (int) (17 * MIB));
    assertEquals(
        "it does not fit: it needs 0x1000000 to 0x2100000 (17,825,792 bytes),"
            + " RAM for it is 0x100000 to 0x2000000; give the guest more",
        refusal(image, new BootParameters("", null, MAP, 0)));
    assertEquals(
        "i does not fit: it needs 13,631,489 bytes between 0x1300000 and 0x80000000,"
            + " RAM for it is 0x100000 to 0x2000000; give the guest more",
        refusal(
            TinyKernels.bzImage(),
            new BootParameters("", BootFile.of("i", new byte[(13 << 20) + 1]), MAP, 0)));
  }

  @Test
  void aKernelThatWantsLowMemoryIsRefused() throws IOException {
    byte[] image = TinyKernels.elf();
    put32(image, 64 + 24, 0x7000);
    assertTrue(refusal(image, new BootParameters("", null, MAP, 0)).contains("does not fit"));
  }

  @Test
  void aCommandLineTheKernelCannotTakeIsRefused() throws IOException {
    assertEquals(
        "the kernel's command line has 2,048 bytes, it takes 2,047",
        refusal(TinyKernels.bzImage(), new BootParameters("x".repeat(2048), null, MAP, 0)));
    load(TinyKernels.bzImage(), "x".repeat(2047), null);
  }

  @Test
  void damagedKernelsAreRefusedAndNothingElseHappens() {
    long seed = 0x4A56;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int refused = 0;
    byte[][] kernels = {
      TinyKernels.bzImage(), TinyKernels.elf(), TinyKernels.elf(TinyKernels.pvhNote())
    };
    for (int round = 0; round < 10_000; round++) {
      byte[] image = kernels[round % kernels.length].clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        image[headerByte(random, image)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        load(image, "quiet", new byte[100]);
      } catch (IOException e) {
        refused++;
      }
    }
    assertTrue(refused > 1000, "refused " + refused);
  }

  /// A byte in the headers of either kind.
  private static int headerByte(Random random, byte[] image) {
    boolean bzImage = image[0] == 0;
    return bzImage ? 0x1F1 + random.nextInt(0x7B) : random.nextInt(image.length);
  }

  private BootEntry load(byte[] image, String cmdline, byte @Nullable [] initrd)
      throws IOException {
    BootFile file = initrd == null ? null : BootFile.of("initrd", initrd);
    return load(image, new BootParameters(cmdline, file, MAP, RSDP));
  }

  private BootEntry load(byte[] image, BootParameters parameters) throws IOException {
    return KernelLoader.load(KernelImage.of(BootFile.of("it", image)), memory, parameters);
  }

  private String refusal(byte[] image, BootParameters parameters) throws IOException {
    return refusal(KernelImage.of(BootFile.of("it", image)), parameters);
  }

  private String refusal(KernelImage image, BootParameters parameters) {
    return String.valueOf(
        assertThrows(IOException.class, () -> KernelLoader.load(image, memory, parameters))
            .getMessage());
  }

  private long translate(long root, long gpa) {
    long level3 = u64(root + (gpa >>> 39) * 8) & -4096L;
    long level2 = u64(level3 + (gpa >>> 30 & 511) * 8) & -4096L;
    long page = u64(level2 + (gpa >>> 21 & 511) * 8);
    assertEquals(0x83, page & 0xFFF);
    return (page & -(2L << 20)) + (gpa & ((2L << 20) - 1));
  }

  private String text(long gpa) {
    return memory.readable(gpa, 4096).getString(0, StandardCharsets.UTF_8);
  }

  private long u64(long gpa) {
    return memory
        .readable(gpa, 8)
        .get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
  }

  private long u32(long gpa) {
    return u64(gpa) & 0xFFFFFFFFL;
  }

  private int u8(long gpa) {
    return (int) u64(gpa) & 0xFF;
  }

  private static void put32(byte[] image, int at, int value) {
    MemorySegment.ofArray(image)
        .set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), at, value);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
