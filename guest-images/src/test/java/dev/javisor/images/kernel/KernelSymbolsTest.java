package dev.javisor.images.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KernelSymbolsTest {
  private static final int SECTIONS = 64;
  private static final int SYMBOLS = 256;
  private static final int STRINGS = 512;
  private static final long TEXT = 0xFFFF_FFFF_8100_0000L;

  @TempDir private Path directory;

  /// Sections: none, the symbols, their names.
  private static ByteBuffer elf() {
    ByteBuffer elf = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0, 0x464C_457F).putInt(4, 0x01_0102).putShort(18, (short) 62);
    elf.putLong(40, SECTIONS).putShort(58, (short) 64).putShort(60, (short) 3);
    section(elf, 1, 2, SYMBOLS, 3 * 24, 2);
    section(elf, 2, 3, STRINGS, 64, 0);
    elf.put(STRINGS, "\0startup_64\0do_it\0data\0".getBytes(StandardCharsets.ISO_8859_1));
    symbol(elf, 0, 1, 0, TEXT);
    symbol(elf, 1, 12, 2, TEXT + 0x100);
    symbol(elf, 2, 18, 1, TEXT + 0x200); // an object
    return elf;
  }

  private static void section(
      ByteBuffer elf, int number, int type, long offset, long bytes, int link) {
    int at = SECTIONS + number * 64;
    elf.putInt(at + 4, type).putLong(at + 24, offset).putLong(at + 32, bytes).putInt(at + 40, link);
  }

  private static void symbol(ByteBuffer elf, int number, int name, int type, long value) {
    int at = SYMBOLS + number * 24;
    elf.putInt(at, name).put(at + 4, (byte) type).putLong(at + 8, value);
  }

  private static KernelSymbols read(ByteBuffer elf) throws IOException {
    return KernelSymbols.ofElf(BootFile.of("kernel", elf.array()));
  }

  @Test
  void anElfHasSymbols() throws IOException {
    KernelSymbols symbols = read(elf());
    assertEquals("startup_64", symbols.nearest(TEXT));
    assertEquals("startup_64+0xff", symbols.nearest(TEXT + 0xFF));
    assertEquals("do_it+0x150", symbols.nearest(TEXT + 0x250));
    assertEquals("", symbols.nearest(TEXT - 1));
    assertEquals("", symbols.nearest(0x40_0000));
    assertEquals("", symbols.nearest(-1));
  }

  @Test
  void aReportIsAnnotated() throws IOException {
    String report = "rip ffffffff81000010, rax 0000000081000000, cr2 ffffffff81000110";
    assertEquals(
        report + "\nffffffff81000010 startup_64+0x10\nffffffff81000110 do_it+0x10",
        read(elf()).annotate(report));
    assertEquals(report, KernelSymbols.NONE.annotate(report));
  }

  @Test
  void aMapBesideTheKernelIsRead() throws IOException {
    Path kernel = Files.write(directory.resolve("vmlinuz-6.1"), new byte[10]);
    assertEquals("", KernelSymbols.of(kernel).nearest(TEXT));
    Files.writeString(
        directory.resolve("System.map-6.1"),
        "ffffffff81000000 T startup_64\nffffffff81000080 D data\nnonsense\n");
    assertEquals("startup_64+0x90", KernelSymbols.of(kernel).nearest(TEXT + 0x90));
  }

  @Test
  void damagedTablesAreNone() throws IOException {
    Path file = directory.resolve("vmlinux");
    ByteBuffer large = elf();
    section(large, 1, 2, SYMBOLS, 1L << 40, 2);
    assertThrows(IOException.class, () -> read(large));
    assertEquals("", KernelSymbols.of(Files.write(file, large.array())).nearest(TEXT));
    ByteBuffer outside = elf();
    section(outside, 2, 3, 5000, 64, 0);
    assertEquals("", KernelSymbols.of(Files.write(file, outside.array())).nearest(TEXT));
    ByteBuffer nameless = elf();
    symbol(nameless, 1, 9999, 2, TEXT + 0x100);
    assertEquals("startup_64+0x100", read(nameless).nearest(TEXT + 0x100));
    ByteBuffer many = elf().putShort(60, (short) -1);
    assertEquals("", read(many).nearest(TEXT));
    assertEquals("", KernelSymbols.of(directory.resolve("none")).nearest(TEXT));
  }
}
