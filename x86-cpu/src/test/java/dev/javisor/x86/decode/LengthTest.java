package dev.javisor.x86.decode;

import static dev.javisor.x86.decode.Bytes.decode;
import static dev.javisor.x86.decode.Bytes.instruction;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.x86.decode.Decoded.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How long instructions are, and what happens at 15 bytes and where the bytes end.
class LengthTest {
  @Test
  void fifteenBytesAreAnInstructionSixteenAreNot() {
    assertEquals(15, instruction("66 ".repeat(14) + "90").length());
    assertEquals(Refusal.TOO_LONG, decode(Mode.LONG, "66 ".repeat(15) + "90"));
    String longest = "F0 64 67 66 81 84 24 11 11 11 11 22 22";
    assertEquals(15, instruction("66 66 " + longest).length());
    assertEquals(Refusal.TOO_LONG, decode(Mode.LONG, "66 66 66 " + longest));
  }

  @Test
  void onlyPrefixesAreTooLong() {
    assertEquals(Refusal.TOO_LONG, decode(Mode.LONG, "F3 ".repeat(20)));
    assertEquals(Refusal.TRUNCATED, decode(Mode.LONG, "F3 ".repeat(14)));
    assertEquals(Refusal.TOO_LONG, decode(Mode.LONG, "66 ".repeat(14) + "0F"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "48 B8 11 22 33 44 55 66 77 88",
        "C7 84 24 11 22 33 44 55 66 77 88",
        "0F 84 11 22 33 44",
        "66 0F 6F 04 25 11 22 33 44",
        "A1 11 22 33 44 55 66 77 88",
        "C8 11 22 33",
        "F2 0F 10 41 11",
        "F6 00 11",
        "D9 80 11 22 33 44"
      })
  void everyByteIsNeeded(String hex) {
    byte[] bytes = Bytes.of(hex);
    Decoder decoder = new Decoder();
    for (int length = 0; length < bytes.length; length++) {
      assertEquals(Refusal.TRUNCATED, decoder.decode(bytes, 0, length, Mode.LONG));
    }
    assertEquals(bytes.length, instruction(hex).length());
  }

  @Test
  void whatStandsBehindDoesNotMatter() {
    byte[] bytes = Bytes.of("FF FF 48 89 C3 FF");
    Decoded decoded = new Decoder().decode(bytes, 2, bytes.length, Mode.LONG);
    assertEquals(3, ((Instruction) decoded).length());
  }

  @Test
  void ripRelativeDisplacementsStandWhereTheySay() {
    Instruction mov = instruction("48 C7 05 11 22 33 F4 55 66 77 88");
    assertEquals(Instruction.RIP, mov.base());
    assertEquals(Instruction.NONE, mov.index());
    assertEquals(3, mov.displacementAt());
    assertEquals(4, mov.displacementBytes());
    assertEquals(0xFFFFFFFFF4332211L, mov.displacement());
    assertEquals(7, mov.immediateAt());
    assertEquals(0xFFFFFFFF88776655L, mov.immediate());
    assertEquals(Instruction.DS, mov.segment());
  }

  @Test
  void theSameModrmIsAbsoluteWithSibAndInOtherModes() {
    assertEquals(Instruction.NONE, instruction("8B 04 25 11 22 33 44").base());
    assertEquals(Instruction.NONE, instruction(Mode.CODE32, "8B 05 11 22 33 44").base());
    assertEquals(Instruction.RIP, instruction("67 8B 05 11 22 33 44").base());
    assertEquals(Instruction.RIP, instruction("41 8B 05 11 22 33 44").base());
  }

  @Test
  void r12AsABaseNeedsSibAndR13ADisplacementAsRspAndRbpDo() {
    assertEquals(4, instruction("41 8B 04 24").length());
    assertEquals(12, instruction("41 8B 04 24").base());
    assertEquals(Instruction.NONE, instruction("8B 04 24").index());
    assertEquals(12, instruction("42 8B 04 20").index());
    assertEquals(8, instruction("43 8B 04 25 11 22 33 44").length());
    assertEquals(Instruction.NONE, instruction("43 8B 04 25 11 22 33 44").base());
    assertEquals(Instruction.NONE, instruction("41 8B 04 05 11 22 33 44").base());
  }

  @Test
  void movWithoutModrmHasAnAddressOfTheAddressSize() {
    Instruction mov = instruction("A1 88 77 66 55 44 33 22 11");
    assertEquals(0x1122334455667788L, mov.displacement());
    assertEquals(8, mov.displacementBytes());
    assertEquals(6, instruction("67 A1 11 22 33 44").length());
    assertEquals(5, instruction(Mode.CODE32, "A3 11 22 33 44").length());
    assertEquals(3, instruction(Mode.CODE16, "A3 11 22").length());
  }

  @Test
  void theAddressSizePrefixChoosesTheShapeOfModrm() {
    assertEquals(2, instruction("67 8B 00").addressBytes() / 2);
    Instruction mov = instruction(Mode.CODE32, "67 8B 42 11");
    assertEquals(2, mov.addressBytes());
    assertEquals(5, mov.base());
    assertEquals(6, mov.index());
    assertEquals(5, instruction(Mode.CODE32, "67 8B 06 11 22").length());
    assertEquals(8, instruction(Mode.CODE16, "67 8B 04 25 11 22 33 44").length());
    assertEquals("jecxz", Bytes.mnemonic(Mode.LONG, "67 E3 00"));
    assertEquals("jcxz", Bytes.mnemonic(Mode.CODE32, "67 E3 00"));
  }

  @Test
  void nearBranchesIgnore66In64BitMode() {
    for (String hex : new String[] {"66 E8 11 22 33 44", "66 E9 11 22 33 44"}) {
      assertEquals(6, instruction(hex).length());
      assertEquals(8, instruction(hex).operandBytes());
      assertEquals(4, instruction(Mode.CODE32, hex).length());
    }
    assertEquals(7, instruction("66 0F 84 11 22 33 44").length());
    assertEquals(8, instruction("66 C3").operandBytes());
    assertEquals(8, instruction("66 FF E0").operandBytes());
  }

  @Test
  void pushesAreOf64Or16Bits() {
    assertEquals(8, instruction("50").operandBytes());
    assertEquals(2, instruction("66 50").operandBytes());
    assertEquals(8, instruction("66 48 50").operandBytes());
    assertEquals("pushfq", Bytes.mnemonic(Mode.LONG, "9C"));
    assertEquals("pushf", Bytes.mnemonic(Mode.LONG, "66 9C"));
    assertEquals("iretd", Bytes.mnemonic(Mode.LONG, "CF"));
    assertEquals("iretq", Bytes.mnemonic(Mode.LONG, "48 CF"));
  }

  @Test
  void controlRegistersHaveNoMemoryFormWhateverModSays() {
    assertEquals(3, instruction("0F 22 04").length());
    assertEquals(4, instruction("0F 22 04").rm());
    assertEquals(3, instruction("0F 21 85").length());
  }

  @Test
  void immediatesAreExtendedAsTheirInstructionsWant() {
    assertEquals(-1, instruction("83 C0 FF").immediate());
    assertEquals(0xFFFF, instruction("C2 FF FF").immediate());
    Instruction enter = instruction("C8 FF FF 80");
    assertEquals(0xFFFF, enter.immediate());
    assertEquals(0x80, enter.secondImmediate());
    Instruction call = instruction(Mode.CODE32, "9A FF FF FF FF 34 92");
    assertEquals(0xFFFFFFFFL, call.immediate());
    assertEquals(0x9234, call.secondImmediate());
  }
}
