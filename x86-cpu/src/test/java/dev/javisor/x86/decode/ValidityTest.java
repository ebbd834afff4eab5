package dev.javisor.x86.decode;

import static dev.javisor.x86.decode.Bytes.decode;
import static dev.javisor.x86.decode.Bytes.instruction;
import static dev.javisor.x86.decode.Bytes.mnemonic;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.decode.Decoded.Refusal;
import dev.javisor.x86.table.Attribute;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is an instruction in which mode.
class ValidityTest {
  /// Encodings that a processor with more features has another meaning for, and this one executes
  /// as what they were before, with the place that promises it. Everything else that is not the
  /// guest's is `#UD`.
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          F3 0F 1E FA,     nop,         ENDBR64 (SDM 2 ENDBR64)
          F3 0F 1E FB,     nop,         ENDBR32
          F3 48 0F 1E C8,  nop,         RDSSPQ leaves its register alone (SDM 2 RDSSP)
          0F 19 00,        nop,         reserved NOP (SDM 2 A.3 table A-3)
          F3 0F 1A 00,     nop,         BNDCL (MPX)
          F2 0F 1A 00,     nop,         BNDCU (MPX)
          66 0F 1B 00,     nop,         BNDMOV (MPX)
          0F 1C 00,        nop,         CLDEMOTE (SDM 2 CLDEMOTE)
          0F 1D C0,        nop,         reserved NOP
          0F 1F 44 00 00,  nop,         the multi-byte NOP (SDM 2 NOP)
          0F 18 08,        prefetcht0,  a hint anyway
          0F 18 38,        nop,         PREFETCHIT0 (SDM 2 PREFETCHh)
          0F 18 C0,        nop,         reserved NOP
          0F 0D 00,        prefetch,    3DNow's PREFETCH
          0F 0D 08,        prefetchw,   PREFETCHW (SDM 2 PREFETCHW)
          0F 0D 10,        prefetch,    PREFETCHWT1
          0F 0D C0,        nop,         reserved NOP
          F3 0F BC C1,     bsf,         TZCNT (SDM 2 TZCNT)
          F3 0F BD C1,     bsr,         LZCNT (SDM 2 LZCNT)
          F3 0F 09,        wbinvd,      WBNOINVD (SDM 2 WBNOINVD)
          F3 90,           pause,       a hint anyway
          F3 C3,           ret,         AMD's padded return
          F2 C3,           ret,         BND RET (MPX)
          F2 E8 0 0 0 0,   call,        BND CALL
          F2 FF E0,        jmp,         BND JMP
          3E FF E0,        jmp,         NOTRACK (CET)
          F2 0F 84 0 0 0 0, jz,         BND Jcc
          2E 74 00,        jz,          branch hint
          F2 F0 01 00,     add,         XACQUIRE (TSX)
          F3 F0 01 00,     add,         XRELEASE (TSX)
          F3 88 00,        mov,         XRELEASE MOV
          """)
  void encodingsWithAnOlderMeaningHaveThat(String hex, String mnemonic, String why) {
    String padded = hex.replaceAll("\\b0\\b", "00");
    assertEquals(mnemonic, mnemonic(Mode.LONG, padded), why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0F 0B", // UD2
        "0F FF C0",
        "0F B9 C0",
        "0F 04",
        "0F 0A",
        "0F 0F C0 9E",
        "0F 24 C0",
        "0F 36",
        "0F 37",
        "0F 38 00 C0", // PSHUFB, SSSE3
        "0F 38 F0 00",
        "0F 3A 0F C0 00",
        "0F B8 C0", // JMPE
        "F2 0F D0 C0",
        "F2 0F 12 00",
        "F2 0F F0 00", // SSE3
        "DB 08",
        "DD 08",
        "DF 08", // FISTTP
        "0F 01 C8",
        "0F 01 C1",
        "0F 01 D0", // MONITOR, VMCALL, XGETBV
        "0F AE 20",
        "0F AE 28",
        "0F AE 30",
        "F3 0F AE C0",
        "66 0F AE 38", // XSAVE, FSGSBASE
        "0F C7 F0",
        "0F C7 F8",
        "0F C7 18",
        "F3 0F C7 F8", // RDRAND, RDSEED, XRSTORS, RDPID
        "C4 E2 78 00 C0",
        "C5 F8 77",
        "62 F1 7C 48 10 C0",
        "8F E8 00", // VEX, EVEX, XOP
        "F3 0F 28 C0",
        "66 0F 12 C0",
        "8D C0",
        "8F 08",
        "C6 08 00",
        "FE 10",
        "FF 38",
        "FF D8",
        "FF E8",
        "0F C7 C8",
        "0F BA 00 00",
        "8E C8",
        "8C F0",
        "8E F8", // CS as a target, registers 6 and 7
        "0F 20 C8",
        "0F 22 E8",
        "44 0F 20 C8",
        "44 0F 21 C0", // CR1, CR5, CR9, DR8
        "0F 00 30",
        "0F 00 38",
        "0F 01 28",
        "0F 71 D8 00",
        "66 0F 71 10 00",
        "D9 D1",
        "D9 08",
        "DA E8"
      })
  void whatTheGuestDoesNotHaveIsUndefined(String hex) {
    assertEquals(Refusal.UNDEFINED, decode(Mode.LONG, hex));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "06",
        "07",
        "0E",
        "16",
        "17",
        "1E",
        "1F",
        "27",
        "2F",
        "37",
        "3F",
        "60",
        "61",
        "62 00",
        "82 C0 00",
        "9A 00 00 00 00 00 00",
        "C4 00",
        "C5 00",
        "CE",
        "D4 0A",
        "D5 0A",
        "D6",
        "EA 00 00 00 00 00 00"
      })
  void whatLegacyModesAloneHave(String hex) {
    assertEquals(Refusal.UNDEFINED, decode(Mode.LONG, hex));
    instruction(Mode.CODE32, hex);
    instruction(Mode.CODE16, hex);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0F 05", "0F 07", "0F 01 F8"})
  void syscallSysretAndSwapgsAre64BitModesAlone(String hex) {
    instruction(Mode.LONG, hex);
    assertEquals(Refusal.UNDEFINED, decode(Mode.CODE32, hex));
  }

  @Test
  void arplBecameMovsxd() {
    assertEquals("movsxd", mnemonic(Mode.LONG, "63 C0"));
    assertEquals("arpl", mnemonic(Mode.CODE32, "63 C0"));
  }

  @Test
  void cr8IsThereWithRexAlone() {
    assertEquals(8, instruction("44 0F 22 C0").reg());
    assertEquals(Refusal.UNDEFINED, decode(Mode.LONG, "45 0F 22 C8"));
  }

  @Test
  void segmentRegistersIgnoreRexR() {
    assertEquals(3, instruction("44 8E D8").segmentRegister());
  }

  @Test
  void nopIsXchgOfNothingAndWithRexBOfR8() {
    assertEquals("nop", mnemonic(Mode.LONG, "48 90"));
    assertEquals("nop", mnemonic(Mode.CODE32, "66 90"));
    assertEquals("xchg", mnemonic(Mode.LONG, "41 90"));
    assertEquals("pause", mnemonic(Mode.LONG, "F3 41 90"));
    assertEquals("xchg", mnemonic(Mode.LONG, "91"));
  }

  @Test
  void popcntTakes66AsOperandSizeAndSseAsPartOfTheOpcode() {
    assertEquals(2, instruction("66 F3 0F B8 C0").operandBytes());
    assertEquals("movdqa", mnemonic(Mode.LONG, "66 0F 6F C0"));
    assertEquals("movq", mnemonic(Mode.LONG, "0F 6F C0"));
    assertEquals("movdqu", mnemonic(Mode.LONG, "66 F3 0F 6F C0"));
  }

  @Test
  void cmpxchg16bNeedsRexWAndMemory() {
    assertEquals("cmpxchg16b", mnemonic(Mode.LONG, "48 0F C7 0F"));
    assertEquals("cmpxchg8b", mnemonic(Mode.LONG, "0F C7 0F"));
    assertTrue(instruction("48 0F C7 0F").form().is(Attribute.LOCK));
  }
}
