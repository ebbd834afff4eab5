package dev.javisor.x86.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.decode.Decoded;
import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OpcodeTableTest {
  private static final int CF = 1;
  private static final int OF = 1 << 11;
  private static final byte[][] PREFIXES = {
    {}, {0x66}, {(byte) 0xF3}, {(byte) 0xF2}, {0x48}, {0x67}, {0x41}, {0x66, 0x48}
  };

  private static Form form(String opcode, String mnemonic) {
    return OpcodeTable.forms().stream()
        .filter(f -> f.opcode().equals(opcode) && f.mnemonic().equals(mnemonic))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void idsAreIndices() {
    List<Form> forms = OpcodeTable.forms();
    for (int i = 0; i < forms.size(); i++) {
      assertEquals(i, forms.get(i).id());
    }
    assertTrue(forms.size() > 800, forms.size() + " forms");
  }

  @Test
  void everyFormIsReached() {
    Set<Form> missed = new HashSet<>(OpcodeTable.forms());
    for (Mode mode : List.of(Mode.LONG, Mode.CODE32, Mode.CODE16)) {
      for (byte[] prefix : PREFIXES) {
        decodeAll(mode, prefix, missed);
      }
    }
    assertEquals(Set.of(), missed);
  }

  private static void decodeAll(Mode mode, byte[] prefix, Set<Form> missed) {
    Decoder decoder = new Decoder();
    byte[] bytes = new byte[16];
    System.arraycopy(prefix, 0, bytes, 0, prefix.length);
    for (int map = 0; map < 2; map++) {
      bytes[prefix.length] = 0x0F;
      for (int i = 0; i < 1 << 16; i++) {
        bytes[prefix.length + map] = (byte) (i >> 8);
        bytes[prefix.length + map + 1] = (byte) i;
        if (decoder.decode(bytes, 0, bytes.length, mode) instanceof Instruction found) {
          missed.remove(found.form());
        }
      }
    }
  }

  @Test
  void randomBytesNeverEndInAnException() {
    SplittableRandom random = new SplittableRandom(8);
    Decoder decoder = new Decoder();
    byte[] bytes = new byte[20];
    long instructions = 0;
    for (int i = 0; i < 1_000_000; i++) {
      random.nextBytes(bytes);
      int to = random.nextInt(bytes.length + 1);
      Mode mode = Mode.values()[random.nextInt(Mode.values().length)];
      Decoded decoded = decoder.decode(bytes, 0, to, mode);
      if (decoded instanceof Instruction found) {
        assertTrue(found.length() <= to && found.length() <= Decoder.LENGTH_MAX);
        assertTrue(found.places().size() <= 12, found.toString());
        instructions++;
      }
    }
    assertTrue(instructions > 400_000, instructions + " instructions");
  }

  @Test
  void onlyReadModifyWriteFormsTakeLock() {
    Set<String> locked = new TreeSet<>();
    for (Form form : OpcodeTable.forms()) {
      if (form.is(Attribute.LOCK)) {
        Operand target = form.operands().getFirst();
        assertTrue(target.access().reads() && target.access().writes(), form.toString());
        assertTrue(target.kind() == Kind.E || target.kind() == Kind.M, form.toString());
        locked.add(form.mnemonic());
      }
    }
    // SDM 2, LOCK
    String all =
        "adc add and btc btr bts cmpxchg cmpxchg16b cmpxchg8b dec inc neg not or sbb sub xadd xchg"
            + " xor";
    assertEquals(new TreeSet<>(List.of(all.split(" ", -1))), locked);
  }

  @Test
  void shiftsLeaveUndefinedWhatTheManualSaysAndNoMore() {
    FlagEffects shl = form("D3 /4", "shl").flags();
    assertEquals(0, shl.undefinedAfter(0, 8));
    assertEquals(1 << 4, shl.undefinedAfter(1, 8));
    assertEquals(1 << 4 | OF, shl.undefinedAfter(7, 8));
    assertEquals(1 << 4 | OF | CF, shl.undefinedAfter(8, 8));
    assertEquals(1 << 4 | OF, form("D3 /7", "sar").flags().undefinedAfter(31, 8));
    assertEquals(OF, form("D3 /2", "rcl").flags().undefinedAfter(31, 8));
    assertEquals(0, form("D1 /0", "rol").flags().undefinedAfter(1, 8));
    FlagEffects shld = form("0F A5", "shld").flags();
    assertEquals(1 << 4 | OF, shld.undefinedAfter(16, 16));
    assertEquals(0x8D5, shld.undefinedAfter(17, 16));
  }

  @Test
  void aCountThatMayBeZeroOverwritesNothing() {
    assertEquals(0, form("D3 /4", "shl").flags().overwritten());
    assertEquals(CF | OF, form("D1 /0", "rol").flags().overwritten());
    assertEquals(0x8D5, form("01", "add").flags().overwritten());
  }

  @Test
  void linesThatSayNothingAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> OpcodeRow.parse("00 | add | +Eb Gb | | "));
    assertThrows(
        IllegalArgumentException.class, () -> OpcodeRow.parse("00 | add | +Eb Gk | | OSZAPC |"));
    assertThrows(
        IllegalArgumentException.class, () -> OpcodeRow.parse("00 | add | +Eb Gb | | OK |"));
    assertThrows(
        IllegalArgumentException.class, () -> OpcodeRow.parse("00 | add | +Eb Gb | | O | lokc"));
  }
}
