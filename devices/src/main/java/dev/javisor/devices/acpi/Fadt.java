package dev.javisor.devices.acpi;

import static dev.javisor.devices.acpi.Aml.join;
import static dev.javisor.devices.acpi.Aml.little;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The fixed description table of a hardware-reduced machine (ACPI 6.5, 5.2.9): no fixed hardware,
/// no PM timer, but registers to reset and to power off by. Offsets are from the table's start.
final class Fadt {
  static final int MAJOR_VERSION = 6;

  private static final int MINOR_VERSION = 5;
  private static final int TABLE_BYTES = 276;
  private static final int HEADER_BYTES = 36;

  private static final int DSDT = 40;
  private static final int P_LVL2_LAT = 96;
  private static final int P_LVL3_LAT = 98;
  private static final int CENTURY = 108;
  private static final int IAPC_BOOT_ARCH = 109;
  private static final int FLAGS = 112;
  private static final int RESET_REG = 116;
  private static final int RESET_VALUE = 128;
  private static final int FADT_MINOR_VERSION = 131;
  private static final int X_DSDT = 140;
  private static final int SLEEP_CONTROL_REG = 244;
  private static final int SLEEP_STATUS_REG = 256;
  private static final int HYPERVISOR_VENDOR = 268;

  private static final int BOOT_8042 = 1 << 1;
  private static final int BOOT_VGA_NOT_PRESENT = 1 << 2;

  private static final int WBINVD = 1 << 0;
  private static final int PROC_C1 = 1 << 2;
  private static final int PWR_BUTTON_IS_A_DEVICE = 1 << 4;
  private static final int SLP_BUTTON_IS_A_DEVICE = 1 << 5;
  private static final int FIX_RTC_UNSUPPORTED = 1 << 6;
  private static final int RESET_REG_SUP = 1 << 10;
  private static final int HW_REDUCED_ACPI = 1 << 20;

  /// More than 100 and 1,000 µs mean that there is no C2 and no C3.
  private static final short NO_SUCH_STATE = 0xFFF;

  private Fadt() {}

  static byte[] body(Platform platform, long dsdt) {
    byte[] table = new byte[TABLE_BYTES];
    ByteBuffer fields = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
    fields.putInt(DSDT, Math.toIntExact(dsdt));
    fields.putLong(X_DSDT, dsdt);
    fields.putShort(P_LVL2_LAT, NO_SUCH_STATE);
    fields.putShort(P_LVL3_LAT, NO_SUCH_STATE);
    fields.put(CENTURY, (byte) platform.rtcCentury());
    int keyboard = platform.keyboardController() ? BOOT_8042 : 0;
    fields.putShort(IAPC_BOOT_ARCH, (short) (BOOT_VGA_NOT_PRESENT | keyboard));
    fields.putInt(
        FLAGS,
        WBINVD
            | PROC_C1
            | PWR_BUTTON_IS_A_DEVICE
            | SLP_BUTTON_IS_A_DEVICE
            | FIX_RTC_UNSUPPORTED
            | RESET_REG_SUP
            | HW_REDUCED_ACPI);
    fields.put(FADT_MINOR_VERSION, (byte) MINOR_VERSION);
    fields.put(RESET_REG, port(platform.power() + PowerRegisters.RESET));
    fields.put(RESET_VALUE, (byte) PowerRegisters.RESET_VALUE);
    fields.put(SLEEP_CONTROL_REG, port(platform.power() + PowerRegisters.SLEEP_CONTROL));
    fields.put(SLEEP_STATUS_REG, port(platform.power() + PowerRegisters.SLEEP_STATUS));
    fields.put(HYPERVISOR_VENDOR, "Javisor ".getBytes(StandardCharsets.US_ASCII));
    return Arrays.copyOfRange(table, HEADER_BYTES, TABLE_BYTES);
  }

  /// A register of 8 bits in port space (ACPI 6.5, 5.2.3.2).
  private static byte[] port(int port) {
    int systemIo = 1;
    int byteAccess = 1;
    return join(
        little(systemIo, 1), little(8, 1), little(0, 1), little(byteAccess, 1), little(port, 8));
  }
}
