package dev.javisor.x86.decode;

import static dev.javisor.x86.decode.Bytes.decode;
import static dev.javisor.x86.decode.Bytes.instruction;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.decode.Decoded.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// SDM 2, 2.1.1 and 2.2.1.
class PrefixTest {
  @Test
  void theOperandSizeFollowsModeAnd66() {
    assertEquals(4, instruction(Mode.LONG, "01 C0").operandBytes());
    assertEquals(2, instruction(Mode.LONG, "66 01 C0").operandBytes());
    assertEquals(8, instruction(Mode.LONG, "48 01 C0").operandBytes());
    assertEquals(4, instruction(Mode.CODE32, "01 C0").operandBytes());
    assertEquals(2, instruction(Mode.CODE32, "66 01 C0").operandBytes());
    assertEquals(2, instruction(Mode.CODE16, "01 C0").operandBytes());
    assertEquals(4, instruction(Mode.CODE16, "66 01 C0").operandBytes());
  }

  @Test
  void rexWinsOver66() {
    assertEquals(8, instruction("66 48 01 C0").operandBytes());
  }

  @Test
  void aRexThatIsNotTheLastPrefixCountsAsNone() {
    Instruction add = instruction("48 66 01 C0");
    assertEquals(0, add.rex());
    assertEquals(2, add.operandBytes());
    assertEquals(4, add.length());
  }

  @Test
  void ofSeveralRexTheLastCounts() {
    Instruction add = instruction("4F 41 01 C0");
    assertEquals(0x41, add.rex());
    assertEquals(4, add.operandBytes());
    assertEquals(8, add.rm());
    assertEquals(0, add.reg());
  }

  @Test
  void rexExtendsRegIndexBaseAndTheOpcodesRegister() {
    Instruction mov = instruction("4F 8B 04 D1");
    assertEquals(8, mov.reg());
    assertEquals(9, mov.base());
    assertEquals(10, mov.index());
    assertEquals(3, mov.scale());
    assertEquals(15, instruction("41 57").opcodeRegister());
  }

  @Test
  void anyRexTurnsTheHighBytesIntoSplBplSilAndDil() {
    assertTrue(instruction("88 E0").isHighByte(4));
    assertFalse(instruction("40 88 E0").isHighByte(4));
    assertFalse(instruction("88 E0").isHighByte(3));
  }

  @Test
  void inOtherModesRexBytesAreIncAndDec() {
    assertEquals("inc", Bytes.mnemonic(Mode.CODE32, "40"));
    assertEquals("dec", Bytes.mnemonic(Mode.CODE16, "4F"));
  }

  @Test
  void theLastOfF2AndF3Counts() {
    assertTrue(instruction("F2 F3 A4").isRep());
    assertFalse(instruction("F2 F3 A4").isRepne());
    assertTrue(instruction("F3 F2 A4").isRepne());
    assertTrue(instruction("F3 F2 A4").isRepeated());
    assertEquals("movsd", Bytes.mnemonic(Mode.LONG, "F3 F2 0F 10 C1"));
    assertEquals("movss", Bytes.mnemonic(Mode.LONG, "66 F3 0F 10 C1"));
  }

  @Test
  void repBeforeOtherInstructionsRepeatsNothing() {
    assertFalse(instruction("F3 C3").isRepeated());
    assertFalse(instruction("F3 0F 10 C1").isRepeated());
  }

  @Test
  void aRepeatedComparisonMayKeepTheFlags() {
    assertEquals(0x8D5, instruction("A6").overwrittenFlags());
    assertEquals(0, instruction("F3 A6").overwrittenFlags());
    assertEquals(0x8D5, instruction("F3 01 C0").overwrittenFlags());
  }

  @Test
  void theLastSegmentPrefixCountsAndIn64BitModeOnlyFsAndGs() {
    assertEquals(Instruction.GS, instruction("64 65 8B 00").segment());
    assertEquals(Instruction.FS, instruction("64 2E 8B 00").segment());
    assertEquals(Instruction.NONE, instruction("2E 8B 00").override());
    assertEquals(Instruction.CS, instruction(Mode.CODE32, "64 2E 8B 00").segment());
  }

  @Test
  void addressesOffRspAndRbpAreInTheStackSegment() {
    assertEquals(Instruction.SS, instruction("8B 45 00").segment());
    assertEquals(Instruction.SS, instruction("8B 04 24").segment());
    assertEquals(Instruction.DS, instruction("41 8B 45 00").segment());
    assertEquals(Instruction.SS, instruction(Mode.CODE16, "8B 46 00").segment());
    assertEquals(Instruction.DS, instruction(Mode.CODE16, "8B 06 34 12").segment());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "F0 01 C0", // a register
        "F0 03 00", // the target is a register
        "F0 38 00", // CMP writes nothing
        "F0 8B 00",
        "F0 90",
        "F0 0F A3 00",
        "F0 C1 20 01",
        "F0 69 00 00 00 00 00",
        "F0 A4",
        "F0 0F A4 00 01",
        "F0 0F 10 00",
        "F0 FF 30",
        "F0 F7 20",
        "F0 D8 00",
        "F0 0F 22 C0"
      })
  void lockWhereItMayNotBeIsUndefined(String hex) {
    assertEquals(Refusal.UNDEFINED, decode(Mode.LONG, hex));
    assertEquals(Refusal.UNDEFINED, decode(Mode.CODE32, hex));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "F0 01 00",
        "F0 80 20 01",
        "F0 83 08 01",
        "F0 86 00",
        "F0 F6 10",
        "F0 F7 18",
        "F0 FE 00",
        "F0 FF 08",
        "F0 0F AB 00",
        "F0 0F BA 28 01",
        "F0 0F B1 08",
        "F0 0F C1 08",
        "F0 0F C7 08"
      })
  void lockOnAReadModifyWriteOfMemoryIsTaken(String hex) {
    assertTrue(instruction(Mode.LONG, hex).isLocked());
    assertTrue(instruction(Mode.CODE16, hex).isLocked());
  }
}
