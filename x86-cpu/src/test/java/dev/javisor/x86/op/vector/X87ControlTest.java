package dev.javisor.x86.op.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.fp.Mxcsr;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What controls the x87, and what saves it (SDM 1, 8.1 and 10.5). Expected values were seen on an
/// Intel Xeon.
class X87ControlTest {
  private final Rig rig = new Rig();

  /// Registers ST(i) full of bytes 10i to 10i + 9, in hexadecimal.
  @BeforeEach
  void fill() {
    rig.gpr(0, 0x100);
    for (int i = 0; i < 8; i++) {
      rig.set(X87.ST + 16 * i, 0x0706050403020100L + 0x1010101010101010L * i);
      rig.set(X87.ST + 16 * i + 8, 0x0908 + 0x1010 * i);
    }
  }

  private String ram(int address, int bytes) {
    return HexFormat.of().formatHex(rig.ram.array(), address, address + bytes);
  }

  @Test
  void bitsOfTheControlWordThatDoNotExist() {
    rig.ram.putShort(0x100, (short) 0);
    assertEquals(0x40, X87.fcw(rig.run("D9 28").cpu));
    rig.ram.putShort(0x100, (short) -1);
    assertEquals(0x1F7F, X87.fcw(rig.run("D9 28").cpu));
    rig.run("D9 78 10");
    assertEquals(0x1F7F, rig.ram.getInt(0x110));
  }

  @Test
  void unmaskingAFlagThatIsSetLeavesItWaiting() {
    X87.words(rig.cpu, 0x37F, 1, 0, 0);
    rig.ram.putShort(0x100, (short) 0x37E);
    assertEquals(0x8081, X87.fsw(rig.run("D9 28").cpu));
    rig.gpr(0, -1).run("DF E0");
    assertEquals(0xFFFF_FFFF_FFFF_8081L, rig.cpu.gpr(0));
    assertEquals(0, X87.fsw(rig.run("DB E2").cpu));
  }

  @Test
  void clearingExceptionsKeepsConditionsAndTop() {
    X87.words(rig.cpu, 0x37F, 0x7FFF, 0, 0);
    assertEquals(0x7F00, X87.fsw(rig.run("DB E2").cpu));
  }

  @Test
  void initialisingKeepsTheRegisters() {
    X87.words(rig.cpu, 0, 0x1800, 0xA5, 0x7FF);
    rig.set(X87.FIP, 1).set(X87.FDP, 2).run("DB E3");
    assertEquals(0x37F, rig.cpu.get(Slots.FX));
    assertEquals(0, rig.cpu.get(X87.FIP) | rig.cpu.get(X87.FDP));
    assertEquals(0x5958, rig.cpu.get(X87.mmx(0) + 8));
    assertEquals(0x0908, rig.cpu.get(X87.mmx(3) + 8));
  }

  @Test
  void environmentOf32Bits() {
    X87.words(rig.cpu, 0x37E, 0x1801, 0xA5, 0x7FF);
    rig.set(X87.FIP, 0xFF22334455667788L).set(X87.FDP, 0x99aabbccddeeff00L).run("D9 30");
    assertEquals("7e03ffff8198ffffeebbffff887766550000ff0700ffeedd0000ffff", ram(0x100, 28));
    assertEquals(0x1801, X87.fsw(rig.cpu));
    assertEquals(0x37F, X87.fcw(rig.cpu));
  }

  @Test
  void environmentOf16Bits() {
    X87.words(rig.cpu, 0x37E, 0x1801, 0xA5, 0x7FF);
    rig.set(X87.FIP, 0xFF22334455667788L).set(X87.FDP, 0x99aabbccddeeff00L).run("66 D9 30");
    assertEquals("7e038198eebb8877000000ff00000000", ram(0x100, 16));
  }

  @Test
  void environmentOfRealMode() {
    X87.words(rig.cpu, 0x37F, 0, 0, 0x7FF);
    rig.set(X87.FIP, 0x87654321).set(X87.FDP, 0xFEDCBA98L);
    rig.set(Slots.CR0, Rig.CR0 & ~1L).run("66 D9 30");
    assertEquals("7f030000ffff2143ff5798ba00c0", ram(0x100, 14));
    rig.run("D9 30");
    assertEquals(
        "7f03ffff0000ffffffffffff2143fffff" + "f577608" + "98baffff00c0ed0f", ram(0x100, 28));
    rig.run("DB E3").run("D9 20");
    assertEquals(0x87654321L, rig.cpu.get(X87.FIP));
    assertEquals(0xFEDCBA98L, rig.cpu.get(X87.FDP));
    assertEquals(0x7FF, X87.fop(rig.cpu));
  }

  @Test
  void loadingAnEnvironmentLeavesRegistersInTheirPlaces() {
    X87.words(rig.cpu, 0x37F, 0, 0, 0);
    rig.ram
        .putInt(0x100, 0xFFFF)
        .putInt(0x104, 0x3881)
        .putInt(0x108, 0x1B1B)
        .putInt(0x10C, 0x20001);
    rig.ram.putInt(0x110, 0x40003).putInt(0x114, 0x60005).putInt(0x118, 0x80007).putInt(0x120, 9);
    rig.run("D9 20");
    assertEquals(0x1F7F, X87.fcw(rig.cpu));
    assertEquals(0x3801, X87.fsw(rig.cpu));
    assertEquals(0xEE, X87.tags(rig.cpu));
    assertEquals(4, X87.fop(rig.cpu));
    assertEquals(0x20001, rig.cpu.get(X87.FIP));
    assertEquals(0x60005, rig.cpu.get(X87.FDP));
    assertEquals(0x0908, rig.cpu.get(X87.ST + 16 + 8));
  }

  @Test
  void stateIsSavedAndRestored() {
    X87.words(rig.cpu, 0x37F, 0x1800, 0xA5, 0);
    rig.run("DD 30");
    assertEquals("7f03ffff0018ffffeebbffff", ram(0x100, 12));
    assertEquals("00010203040506070809" + "10111213141516171819", ram(0x11C, 20));
    assertEquals(0x5958, rig.cpu.get(X87.ST + 8));
    rig.run("DD 20");
    assertEquals(0xA5_1800_037FL, rig.cpu.get(Slots.FX));
    assertEquals(0x0908, rig.cpu.get(X87.ST + 8));
    assertEquals(0x7978, rig.cpu.get(X87.ST + 7 * 16 + 8));
  }

  @Test
  void tagsSayWhatRegistersHold() {
    X87.words(rig.cpu, 0x37F, 0, 0x7F, 0);
    register(0, 0, 0); // zero
    register(1, 0x3FFF, Long.MIN_VALUE); // 1
    register(2, 0x7FFF, Long.MIN_VALUE); // infinite
    register(3, 0, 1); // denormal
    register(4, 0x3FFF, 1); // unnormal
    register(5, 0, Long.MIN_VALUE); // pseudo-denormal
    register(6, 0x8000, 0); // -0
    rig.run("D9 30");
    assertEquals(0b11_01_10_10_10_10_00_01, rig.ram.getShort(0x108) & 0xFFFF);
  }

  private void register(int number, int signAndExponent, long significand) {
    rig.set(X87.ST + 16 * number, significand).set(X87.ST + 16 * number + 8, signAndExponent);
  }

  @Test
  void imageHasAllRegistersAndLeavesTheRestAlone() {
    X87.words(rig.cpu, 0x37F, 0x1800, 0xA5, 0);
    rig.set(X87.FIP, 0xFFFF_8000_1234_5678L).xmm(15, "0102030405060708090a0b0c0d0e0f10");
    rig.ram.putLong(0x100 + 416, 7).putLong(0x100 + 504, 9);
    rig.run("48 0F AE 00");
    assertEquals("7f030018a50000007856341200" + "80ffff", ram(0x100, 16));
    assertEquals("801f0000ffff0000" + "00010203040506070809000000000000", ram(0x118, 24));
    assertEquals("100f0e0d0c0b0a090807060504030201", ram(0x100 + 400, 16));
    assertEquals(7, rig.ram.getLong(0x100 + 416));
    assertEquals(9, rig.ram.getLong(0x100 + 504));
    rig.run("0F AE 00");
    assertEquals("7856341200000000", ram(0x108, 8));
  }

  @Test
  void restoringIsTheOpposite() {
    X87.words(rig.cpu, 0x37F, 0x1800, 0xA5, 0);
    rig.set(X87.FIP, 0x1234).xmm(15, "0102030405060708090a0b0c0d0e0f10").run("48 0F AE 00");
    byte[] saved = rig.ram.array().clone();
    rig.run("DB E3").xmm(15, "0".repeat(32)).set(Slots.MXCSR, 0);
    rig.run("48 0F AE 08").run("48 0F AE 80 00 02 00 00");
    assertEquals(HexFormat.of().formatHex(saved, 0x100, 0x100 + 416), ram(0x300, 416));
    assertEquals(0x1234, rig.cpu.get(X87.FIP));
  }

  @Test
  void restoringChecksWordsAndPadding() {
    rig.ram.putShort(0x100, (short) 0xFFFE).putShort(0x102, (short) 1).putInt(0x118, 0x1F80);
    rig.ram.putShort(0x106, (short) -1).putLong(0x128, -1);
    rig.run("0F AE 08");
    assertEquals(0x07FF_0000_8081_1F7EL, rig.cpu.get(Slots.FX) & 0xFFFF_00FF_FFFF_FFFFL);
    assertEquals(0xFFFF, rig.cpu.get(X87.ST + 8));
    rig.ram.putInt(0x118, 0x2_0000).putShort(0x100, (short) 0);
    assertEquals(CpuFault.GP, rig.fault("0F AE 08"));
    assertEquals(0x1F7E, X87.fcw(rig.cpu));
  }

  @Test
  void otherModesHaveEightRegisters() {
    rig.xmm(7, "0102030405060708090a0b0c0d0e0f10").xmm(8, "f".repeat(32));
    rig.run(Mode.CODE32, "0F AE 00");
    assertEquals("100f0e0d0c0b0a090807060504030201", ram(0x100 + 272, 16));
    assertEquals(0, rig.ram.getLong(0x100 + 288));
    rig.run(Mode.CODE32, "0F AE 08");
    assertEquals("f".repeat(32), rig.xmm(8));
  }

  @Test
  void resetIsNotInitialisation() {
    X87.reset(rig.cpu);
    assertEquals(0xFF_0000_0040L, rig.cpu.get(Slots.FX));
    assertEquals(0x1F80, Mxcsr.get(rig.cpu));
  }
}
