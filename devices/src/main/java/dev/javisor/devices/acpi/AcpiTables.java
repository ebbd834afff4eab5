package dev.javisor.devices.acpi;

import static dev.javisor.devices.acpi.Aml.join;
import static dev.javisor.devices.acpi.Aml.little;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// The tables in one piece, to be copied to the address for which they were laid out (ACPI 6.5,
/// 5.2): RSDP first, where a legacy search would find it, then the tables it leads to.
public final class AcpiTables {
  private static final byte[] OEM_ID = ascii("JAVISR");
  private static final byte[] OEM_TABLE_ID = ascii("JAVISOR ");
  private static final byte[] CREATOR_ID = ascii("JVSR");
  private static final int HEADER_BYTES = 36;
  private static final int RSDP_BYTES = 36;
  private static final int RSDP_CHECKED_BY_ACPI_1 = 20;

  /// Tables start at multiples of this.
  private static final int ALIGNMENT = 64;

  private static final int NO_FLAGS = 0;

  private final long gpa;
  private final ByteArrayOutputStream image = new ByteArrayOutputStream();
  private final Map<String, byte[]> tables = new LinkedHashMap<>();

  private AcpiTables(long gpa) {
    this.gpa = gpa;
  }

  /// @param gpa where the image will be: 16-aligned, in the BIOS area
  public static AcpiTables build(Platform platform, long gpa) {
    if (gpa % 16 != 0) {
      throw new IllegalArgumentException("0x%x: the RSDP is 16-aligned".formatted(gpa));
    }
    AcpiTables built = new AcpiTables(gpa);
    built.image.writeBytes(new byte[RSDP_BYTES]); // needs the XSDT's address first
    long dsdt = built.add("DSDT", 2, Dsdt.terms(platform));
    long fadt = built.add("FACP", Fadt.MAJOR_VERSION, Fadt.body(platform, dsdt));
    long madt = built.add("APIC", 6, madt(platform));
    long mcfg = built.add("MCFG", 1, mcfg(platform));
    long xsdt = built.add("XSDT", 1, join(little(fadt, 8), little(madt, 8), little(mcfg, 8)));
    built.tables.put("RSDP", rsdp(xsdt));
    return built;
  }

  /// Where the RSDP is; the boot protocol passes it on.
  public long rsdpGpa() {
    return gpa;
  }

  /// All of it, to be copied to where it was built for.
  public byte[] image() {
    byte[] bytes = image.toByteArray();
    System.arraycopy(table("RSDP"), 0, bytes, 0, RSDP_BYTES);
    return bytes;
  }

  /// The tables by signature, each with its header.
  public Map<String, byte[]> tables() {
    return Collections.unmodifiableMap(tables);
  }

  private byte[] table(String signature) {
    byte[] table = tables.get(signature);
    if (table == null) {
      throw new IllegalStateException("no table " + signature);
    }
    return table;
  }

  /// Puts header and body at the next free place and returns its address.
  private long add(String signature, int revision, byte[] body) {
    image.writeBytes(new byte[-image.size() & (ALIGNMENT - 1)]);
    long address = gpa + image.size();
    byte[] table =
        checked(
            join(
                ascii(signature),
                little(HEADER_BYTES + body.length, 4),
                little(revision, 1),
                new byte[1],
                OEM_ID,
                OEM_TABLE_ID,
                little(1, 4),
                CREATOR_ID,
                little(1, 4),
                body),
            9);
    image.writeBytes(table);
    tables.put(signature, table);
    return address;
  }

  private static byte[] rsdp(long xsdt) {
    byte[] rsdp =
        join(
            ascii("RSD PTR "),
            new byte[1],
            OEM_ID,
            little(2, 1),
            little(0, 4), // no RSDT
            little(RSDP_BYTES, 4),
            little(xsdt, 8),
            new byte[4]);
    rsdp[8] = checksum(rsdp, RSDP_CHECKED_BY_ACPI_1);
    return checked(rsdp, 32);
  }

  /// Processors, I/O APIC, and the NMI that a PC wires to LINT1 of each (ACPI 6.5, 5.2.12). GSI 0
  /// goes to pin 0 as KVM routes it, so there is nothing to override.
  private static byte[] madt(Platform platform) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(join(little(platform.localApicGpa(), 4), little(1, 4))); // PCAT_COMPAT
    for (int id = 0; id < platform.cpus(); id++) {
      body.writeBytes(join(little(0, 1), little(8, 1), little(id, 1), little(id, 1), little(1, 4)));
    }
    int ioApicId = 0;
    body.writeBytes(
        join(
            little(1, 1),
            little(12, 1),
            little(ioApicId, 2),
            little(platform.ioApicGpa(), 4),
            little(0, 4)));
    int allProcessors = 0xFF;
    body.writeBytes(
        join(
            little(4, 1),
            little(6, 1),
            little(allProcessors, 1),
            little(NO_FLAGS, 2),
            little(1, 1)));
    return body.toByteArray();
  }

  /// Where the configuration space of bus 0 is (PCI Firmware 3.3, 4.1.2).
  private static byte[] mcfg(Platform platform) {
    return join(new byte[8], little(platform.pci().ecam().base(), 8), new byte[8]);
  }

  private static byte[] checked(byte[] table, int at) {
    table[at] = checksum(table, table.length);
    return table;
  }

  /// What must be added to make the first `length` bytes sum up to 0.
  private static byte checksum(byte[] bytes, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += bytes[i];
    }
    return (byte) -sum;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
