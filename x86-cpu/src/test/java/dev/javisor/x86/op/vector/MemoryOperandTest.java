package dev.javisor.x86.op.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.op.Translator;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Operands in memory, all at `[RAX]`.
class MemoryOperandTest {
  private static final String ONES = "ffffffffffffffffffffffffffffffff";
  private final Rig rig = new Rig();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0F 28 00", "66 0F 29 00", "66 0F 6F 00", "66 0F E7 00", "0F 2B 00", "66 0F EF 00",
        "66 0F 60 00", "66 0F 70 00 00", "66 0F D1 00", "0F C2 00 00", "0F 54 00", "0F AE 00",
        "0F AE 08"
      })
  void misalignedOperandFaults(String hex) {
    assertEquals(CpuFault.GP, rig.gpr(0, 0x1008).fault(hex));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0F 10 00",
        "66 0F 11 00",
        "F3 0F 6F 00",
        "F3 0F 7F 00",
        "F3 0F 10 00",
        "F2 0F C2 00 00",
        "0F EF 00",
        "0F 16 00",
        "66 0F 6E 00",
        "0F AE 10",
        "F3 0F 7E 00"
      })
  void operandThatNeedNotBeAlignedIsNot(String hex) {
    rig.gpr(0, 0x1001).run(hex);
  }

  @Test
  void scalarLoadClearsTheRest() {
    rig.ram.putLong(0x100, 0x1122334455667788L);
    rig.ram.putLong(0x208, -1);
    rig.gpr(0, 0x200).run("0F 28 00").gpr(0, 0x100).xmm(0, ONES).run("F3 0F 10 00");
    assertEquals("00000000000000000000000055667788", rig.xmm(0));
    rig.xmm(0, ONES).run("F2 0F 10 00");
    assertEquals("00000000000000001122334455667788", rig.xmm(0));
    rig.xmm(0, ONES).run("66 0F 6E 00");
    assertEquals("00000000000000000000000055667788", rig.xmm(0));
  }

  @Test
  void halvesLoadAndLeaveTheOther() {
    rig.ram.putLong(0x100, 0x1122334455667788L);
    rig.gpr(0, 0x100).xmm(0, ONES).run("0F 16 00");
    assertEquals("1122334455667788ffffffffffffffff", rig.xmm(0));
    rig.xmm(0, ONES).run("66 0F 12 00");
    assertEquals("ffffffffffffffff1122334455667788", rig.xmm(0));
  }

  @Test
  void storesAreAsWideAsTheySay() {
    rig.gpr(0, 0x100).xmm(0, "0102030405060708090a0b0c0d0e0f10");
    rig.run("F3 0F 11 00");
    assertEquals(0x0000_0000_0d0e_0f10L, rig.ram.getLong(0x100));
    rig.run("66 0F 17 00");
    assertEquals(0x0102_0304_0506_0708L, rig.ram.getLong(0x100));
    rig.run("66 0F D6 00");
    assertEquals(0x090a_0b0c_0d0e_0f10L, rig.ram.getLong(0x100));
    assertEquals(0, rig.ram.getLong(0x108));
    rig.run("F3 0F 7F 00");
    assertEquals(0x0102_0304_0506_0708L, rig.ram.getLong(0x108));
  }

  @Test
  void storeIntoAForbiddenPageChangesNothing() {
    rig.gpr(0, Rig.READ_ONLY - 8).xmm(0, ONES);
    assertEquals(CpuFault.PF, rig.fault("0F 11 00"));
    assertEquals(0, rig.ram.getLong(Rig.READ_ONLY - 8));
  }

  @Test
  void loadOverTheEndChangesNothing() {
    rig.gpr(0, Rig.RAM_BYTES - 8).xmm(0, ONES);
    assertEquals(CpuFault.PF, rig.fault("0F 10 00"));
    assertEquals(ONES, rig.xmm(0));
  }

  @Test
  void forbiddenStateImageIsNotBegun() {
    rig.gpr(0, Rig.READ_ONLY - 0x1F0);
    assertEquals(CpuFault.PF, rig.fault("0F AE 00"));
    assertEquals(0, rig.ram.getLong(Rig.READ_ONLY - 0x1F0));
    assertEquals(CpuFault.PF, rig.gpr(0, Rig.READ_ONLY - 100).fault("DD 30"));
    assertEquals(0, rig.ram.getLong(Rig.READ_ONLY - 100));
  }

  @Test
  void nonCanonicalAddressIsOfTheStackWhereItIs() {
    assertTrue(translate("0F 10 04 24").isOnStack());
    assertEquals(CpuFault.GP, rig.gpr(0, 1L << 60).fault("0F 10 00"));
  }

  private static Op translate(String hex) {
    return Translator.translate(
        Rig.decode(Mode.LONG, hex),
        0,
        true,
        _ -> {
          throw new AssertionError();
        });
  }

  @Test
  void maskedMoveStoresChosenBytes() {
    rig.ram.putLong(0x200, -1).putLong(0x208, -1);
    rig.gpr(Cpu.RDI, 0x200)
        .xmm(0, "0102030405060708090a0b0c0d0e0f10")
        .xmm(1, "80000000000000000000000000007f80")
        .run("66 0F F7 C1");
    assertEquals(0xFFFF_FFFF_FFFF_FF10L, rig.ram.getLong(0x200));
    assertEquals(0x01FF_FFFF_FFFF_FFFFL, rig.ram.getLong(0x208));
  }

  @Test
  void maskedMoveStoresAllOrNothing() {
    rig.gpr(Cpu.RDI, Rig.READ_ONLY - 8).xmm(0, ONES).xmm(1, ONES);
    assertEquals(CpuFault.PF, rig.fault("66 0F F7 C1"));
    assertEquals(0, rig.ram.getLong(Rig.READ_ONLY - 8));
    assertEquals(Rig.READ_ONLY, rig.cpu.get(Slots.CR2));
    assertEquals(CpuFault.PF, rig.xmm(1, "0".repeat(32)).fault("66 0F F7 C1"));
  }

  /// Found by the oracle, as the next one.
  @Test
  void maskedMoveLooksAtItsUpperHalfFirst() {
    rig.gpr(Cpu.RDI, Rig.READ_ONLY).xmm(0, ONES).xmm(1, ONES);
    assertEquals(CpuFault.PF, rig.fault("66 0F F7 C1"));
    assertEquals(Rig.READ_ONLY + 8, rig.cpu.get(Slots.CR2));
  }

  @Test
  void movsxdOf16BitsReadsAWord() {
    rig.ram.putShort(Rig.RAM_BYTES - 2, (short) -2);
    rig.gpr(0, Rig.RAM_BYTES - 2).gpr(Cpu.RCX, 0x1111_1111L).run("66 63 08");
    assertEquals(0x1111_FFFEL, rig.cpu.gpr(Cpu.RCX));
    assertEquals(CpuFault.PF, rig.fault("63 08"));
  }

  @Test
  void aStateImageWrapsWithinTheAddressSize() {
    rig.ram.putLong(0, 0x1234);
    rig.gpr(Cpu.RBX, 0x2FFF_FF00L).run(Mode.CODE32, "67 0F AE 0F");
    assertEquals("00000000000000000000000000001234", rig.xmm(6));
    assertThrows(CpuFault.class, () -> rig.run(Mode.CODE32, "67 0F AE 07"));
    assertEquals(0xFF00, rig.cpu.get(Slots.CR2), "its beginning, which may not be written");
  }

  /// Found by the oracle: with addresses of 16 bits the upper half of an operand at their end is at
  /// their beginning.
  @Test
  void maskedMovesHalvesWrapEachByItself() {
    rig.gpr(Cpu.RDI, 0x2FFF_FFF9L).xmm(1, ONES);
    assertThrows(CpuFault.class, () -> rig.run(Mode.CODE32, "67 66 0F F7 C1"));
    assertEquals(0xFFF9, rig.cpu.get(Slots.CR2), "the lower one, which may not be written");
  }

  @Test
  void mxcsrGoesToMemoryAndBack() {
    rig.gpr(0, 0x100).set(Slots.MXCSR, 0xFFFF).run("0F AE 18");
    assertEquals(0xFFFF, rig.ram.getInt(0x100));
    rig.ram.putInt(0x100, 0x1F81);
    rig.run("0F AE 10");
    assertEquals(0x1F81, (int) rig.cpu.get(Slots.MXCSR));
    rig.ram.putInt(0x100, 0x1_0000);
    assertEquals(CpuFault.GP, rig.fault("0F AE 10"));
    assertEquals(0x1F81, (int) rig.cpu.get(Slots.MXCSR));
  }
}
