package dev.javisor.devices.acpi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.javisor.devices.acpi.Platform.IsaDevice;
import dev.javisor.devices.acpi.Platform.PciRoot;
import dev.javisor.vmm.bus.AddressRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Intel's own disassembler and compiler are the oracle for the tables.
class AcpiTablesTest {
  private static final long GPA = 0xE0000;
  private static final int HEADER_BYTES = 36;

  private final AcpiTables tables = AcpiTables.build(platform(2, false), GPA);

  @TempDir private Path directory = Path.of("/");

  private static Platform platform(int cpus, boolean keyboard) {
    return new Platform(
        cpus,
        0xFEE0_0000L,
        0xFEC0_0000L,
        new IsaDevice(0x3F8, 8, 4),
        new IsaDevice(0x70, 2, 8),
        0x32,
        keyboard,
        0x505,
        0x600,
        0x603,
        9,
        new PciRoot(
            new AddressRange(0xE000_0000L, 1 << 20),
            new AddressRange(0xC000_0000L, 0x2000_0000L),
            new AddressRange(0x40_0000_0000L, 0x10_0000_0000L)));
  }

  private static ByteBuffer fields(byte[] table) {
    return ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
  }

  private byte[] table(String signature) {
    byte[] table = tables.tables().get(signature);
    return table == null ? fail("no " + signature) : table;
  }

  @Test
  void everyTableSumsUpToZeroAndKnowsItsLength() {
    assertEquals(List.of("DSDT", "FACP", "APIC", "MCFG", "XSDT", "RSDP"), names());
    tables
        .tables()
        .forEach(
            (name, table) -> {
              assertEquals(0, sum(table, table.length), name);
              assertEquals(table.length, fields(table).getInt(name.equals("RSDP") ? 20 : 4), name);
            });
    assertEquals(0, sum(table("RSDP"), 20), "the part that ACPI 1.0 knew");
  }

  private List<String> names() {
    return List.copyOf(tables.tables().keySet());
  }

  private static int sum(byte[] bytes, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += bytes[i];
    }
    return sum & 0xFF;
  }

  /// Follows the pointers as a kernel does.
  @Test
  void fromTheRsdpEveryTableIsFound() {
    ByteBuffer image = fields(tables.image());
    assertEquals("RSD PTR ", text(image, 0, 8));
    int xsdt = offset(image.getLong(24));
    assertEquals("XSDT", text(image, xsdt, 4));
    List<String> found =
        List.of(
            text(image, offset(image.getLong(xsdt + 36)), 4),
            text(image, offset(image.getLong(xsdt + 44)), 4),
            text(image, offset(image.getLong(xsdt + 52)), 4));
    assertEquals(List.of("FACP", "APIC", "MCFG"), found);
    int fadt = offset(image.getLong(xsdt + 36));
    assertEquals("DSDT", text(image, offset(image.getLong(fadt + 140)), 4));
    assertEquals(image.getInt(fadt + 40), image.getLong(fadt + 140));
    for (Map.Entry<String, byte[]> table : tables.tables().entrySet()) {
      assertTrue(table.getValue().length <= image.capacity(), table.getKey());
    }
  }

  private static int offset(long gpa) {
    return Math.toIntExact(gpa - GPA);
  }

  private static String text(ByteBuffer bytes, int at, int length) {
    return new String(bytes.array(), at, length, StandardCharsets.US_ASCII);
  }

  @Test
  void iaslDisassemblesEveryTableWithoutComplaint() throws Exception {
    for (String name : List.of("DSDT", "FACP", "APIC", "MCFG")) {
      String listing = disassemble(name, table(name));
      for (String complaint : List.of("Error", "Warning", "Invalid", "Unknown", "**")) {
        assertFalse(withoutBanner(listing).contains(complaint), name + ":\n" + listing);
      }
    }
  }

  @Test
  void iaslCompilesTheDisassemblyBackToTheSameBytes() throws Exception {
    for (boolean keyboard : new boolean[] {false, true}) {
      byte[] dsdt = AcpiTables.build(platform(255, keyboard), GPA).tables().get("DSDT");
      assertTrue(dsdt != null);
      disassemble("dsdt", dsdt);
      String verdict = iasl("-oa", "-p", "again", "dsdt.dsl");
      assertTrue(verdict.contains("0 Errors, 0 Warnings, 0 Remarks"), verdict);
      byte[] again = Files.readAllBytes(directory.resolve("again.aml"));
      assertArrayEquals(body(dsdt), body(again));
    }
  }

  private static byte[] body(byte[] table) {
    return Arrays.copyOfRange(table, HEADER_BYTES, table.length);
  }

  @Test
  void dsdtNamesTheDevicesAStockKernelNeeds() throws Exception {
    String listing = squeeze(disassemble("DSDT", table("DSDT")));
    for (String fact :
        List.of(
            "Name (\\_S5, Package (0x04)",
            "Name (_HID, EisaId (\"PNP0A08\")",
            "Name (_HID, EisaId (\"PNP0C02\")",
            "Name (_HID, EisaId (\"PNP0501\")",
            "Name (_HID, EisaId (\"PNP0B00\")",
            "Name (_HID, EisaId (\"PNP0C0C\")",
            "Name (_HID, \"ACPI0013\"",
            "Name (_HID, \"QEMU0001\"",
            "ToUUID (\"33db4d5b-1ff7-401c-9657-7441c03dd766\")",
            "IO (Decode16, 0x03F8, 0x03F8, 0x01, 0x08, ) IRQ (Edge, ActiveHigh, Exclusive, ) {4}",
            "IO (Decode16, 0x0070, 0x0070, 0x01, 0x02, ) IRQ (Edge, ActiveHigh, Exclusive, ) {8}",
            "IO (Decode16, 0x0505, 0x0505, 0x01, 0x01, )",
            "Memory32Fixed (ReadWrite, 0xE0000000, 0x00100000, )",
            "WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0x0000, 0x0000, 0x0000,"
                + " 0x0000, 0x0001, ,, )",
            "0x00000000, 0xC0000000, 0xDFFFFFFF, 0x00000000, 0x20000000,",
            "0x0000004000000000, 0x0000004FFFFFFFFF, 0x0000000000000000, 0x0000001000000000,",
            "Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive, ,, ) { 0x00000009, }",
            "Notify (\\_SB.PWRB, 0x80)")) {
      assertTrue(listing.contains(fact), fact + "\nnot in\n" + listing);
    }
    assertFalse(listing.contains("PNP0303"));
  }

  @Test
  void keyboardIsAnnouncedInBothTablesOrInNone() throws Exception {
    AcpiTables with = AcpiTables.build(platform(1, true), GPA);
    byte[] dsdt = with.tables().get("DSDT");
    byte[] fadt = with.tables().get("FACP");
    assertTrue(dsdt != null && fadt != null);
    assertTrue(squeeze(disassemble("DSDT", dsdt)).contains("{1}"));
    assertTrue(squeeze(disassemble("FACP", fadt)).contains("8042 Present on ports 60/64 (V2) : 1"));
    assertTrue(
        squeeze(disassemble("FACP", table("FACP")))
            .contains("8042 Present on ports 60/64 (V2) : 0"));
  }

  @Test
  void fadtIsHardwareReducedWithResetAndSleepRegisters() throws Exception {
    assertEquals(276, table("FACP").length);
    String listing = squeeze(disassemble("FACP", table("FACP")));
    for (String fact :
        List.of(
            "Revision : 06",
            "Hardware Reduced (V5) : 1",
            "Reset Register Supported (V2) : 1",
            "VGA Not Present (V4) : 1",
            "CMOS RTC Not Present (V5) : 0",
            "RTC Century Index : 32",
            "Address : 0000000000000602",
            "Value to cause reset : 01",
            "Address : 0000000000000600",
            "Address : 0000000000000601",
            "PM Timer Block Address : 00000000")) {
      assertTrue(listing.contains(fact), fact + "\nnot in\n" + listing);
    }
  }

  @Test
  void madtListsEveryProcessorAndTheIoApic() throws Exception {
    byte[] madt = AcpiTables.build(platform(255, false), GPA).tables().get("APIC");
    assertTrue(madt != null);
    String listing = squeeze(disassemble("APIC", madt));
    assertEquals(255, listing.split("\\[Processor Local APIC\\]", -1).length - 1);
    for (String fact :
        List.of(
            "Local Apic Address : FEE00000",
            "Local Apic ID : FE",
            "Address : FEC00000 Interrupt : 00000000",
            "Processor ID : FF",
            "Interrupt Input LINT : 01")) {
      assertTrue(
          listing.toUpperCase(Locale.ROOT).contains(fact.toUpperCase(Locale.ROOT)),
          fact + "\nnot in\n" + listing);
    }
    assertFalse(listing.contains("Interrupt Source Override"));
  }

  @Test
  void mcfgDescribesBusZero() throws Exception {
    String listing = squeeze(disassemble("MCFG", table("MCFG")));
    assertTrue(listing.contains("Base Address : 00000000E0000000"), listing);
    assertTrue(listing.contains("Start Bus Number : 00"), listing);
    assertTrue(listing.contains("End Bus Number : 00"), listing);
  }

  @Test
  void moreProcessorsThanApicIdsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> platform(256, false));
    assertThrows(IllegalArgumentException.class, () -> platform(0, false));
  }

  private String disassemble(String name, byte[] table) throws IOException, InterruptedException {
    Files.write(directory.resolve(name + ".dat"), table);
    String said = iasl("-d", name + ".dat");
    assertFalse(said.contains("Error") || said.contains("Warning"), said);
    return Files.readString(directory.resolve(name + ".dsl"));
  }

  private String iasl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("iasl"));
    command.addAll(List.of(arguments));
    Path said = directory.resolve("said.txt");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
    } catch (IOException e) {
      return fail("iasl is missing: apt-get install acpica-tools", e);
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "iasl hangs");
    String text = Files.readString(said);
    assertEquals(0, process.exitValue(), text);
    return text;
  }

  private static String withoutBanner(String listing) {
    return listing.substring(listing.indexOf("*/") + 2);
  }

  private static String squeeze(String text) {
    return text.replaceAll("//[^\n]*|\\[[0-9A-F]{3}h [^]]*\\]", "").replaceAll("\\s+", " ");
  }
}
