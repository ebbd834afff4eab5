package dev.javisor.images.micro;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.images.packages.DebFixture;
import dev.javisor.images.packages.DebPackage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class KernelPackageTest {
  private static final String ROOT = "lib/modules/6.1.0-56-cloud-amd64/";

  @TempDir Path directory;
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  KernelPackageTest() {
    files.put("boot/vmlinuz-6.1.0-56-cloud-amd64", bytes("kernel"));
    files.put(ROOT + "modules.builtin", bytes("kernel/drivers/char/hw_random/rng-core.ko\n"));
  }

  @Test
  void modulesComeBehindWhatTheyDependOn() throws IOException {
    module("virtio_pci.ko", "virtio_pci_modern_dev,virtio,virtio_ring");
    module("virtio.ko", "virtio_ring");
    module("virtio_ring.ko", "");
    module("virtio_pci_modern_dev.ko", "");
    module("unrelated.ko", "virtio");
    assertEquals(
        List.of("virtio_pci_modern_dev", "virtio_ring", "virtio", "virtio_pci"),
        order("virtio_pci"));
  }

  @Test
  void aNameIsTheSameWithDashesAndUnderscores() throws IOException {
    module("virtio-rng.ko", "rng-core".replace('-', '_'));
    assertEquals(List.of("virtio_rng"), order("virtio_rng"));
  }

  @Test
  void whatIsBuiltInIsSkipped() throws IOException {
    assertEquals(List.of(), order("rng_core"));
  }

  @Test
  void aCompressedModuleIsDecompressed() throws IOException {
    byte[] plain = modinfo("");
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new XZOutputStream(packed, new LZMA2Options(0))) {
      out.write(plain);
    }
    files.put(ROOT + "kernel/evdev.ko.xz", packed.toByteArray());
    assertArrayEquals(plain, read("evdev").modules().get("evdev"));
  }

  @Test
  void theImageIsWrittenAndTheReleaseKnown() throws IOException {
    assertEquals("6.1.0-56-cloud-amd64", read().release());
    assertEquals("kernel", Files.readString(directory.resolve("vmlinuz")));
  }

  @Test
  void aModuleThatIsNotThereIsNamed() throws IOException {
    assertTrue(refusal("ghost").contains("no usable module ghost"));
    module("needy.ko", "ghost");
    assertTrue(refusal("needy").contains("no usable module ghost (for [needy])"));
  }

  @Test
  void modulesThatNeedEachOtherAreRefused() throws IOException {
    module("hen.ko", "egg");
    module("egg.ko", "hen");
    assertTrue(refusal("hen").contains("no usable module hen (for [hen, egg])"));
  }

  @Test
  void aModuleInAnUnknownCompressionIsRefused() {
    files.put(ROOT + "kernel/evdev.ko.zst", bytes("x"));
    assertTrue(refusal("evdev").contains("compression we do not know"));
  }

  @Test
  void anotherPackageIsRefused() {
    files.remove("boot/vmlinuz-6.1.0-56-cloud-amd64");
    assertTrue(refusal().contains("not a kernel's package"));
  }

  private List<String> order(String... wanted) throws IOException {
    return List.copyOf(read(wanted).modules().keySet());
  }

  private String refusal(String... wanted) {
    return String.valueOf(assertThrows(IOException.class, () -> read(wanted)).getMessage());
  }

  private KernelPackage read(String... wanted) throws IOException {
    Path deb = DebFixture.write(directory.resolve("k.deb"), ".gz", "Package: k\n", files);
    return KernelPackage.read(new DebPackage(deb), List.of(wanted), directory.resolve("vmlinuz"));
  }

  private void module(String file, String dependencies) {
    files.put(ROOT + "kernel/" + file, modinfo(dependencies));
  }

  private static byte[] modinfo(String dependencies) {
    return bytes("\u007fELF..license=GPL\0depends=" + dependencies + "\0retpoline=Y\0");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
