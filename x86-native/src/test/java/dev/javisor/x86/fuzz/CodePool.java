package dev.javisor.x86.fuzz;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.oracle.Encoded;
import dev.javisor.x86.oracle.Encoder;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.OpcodeTable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Some instructions of every form that a mode has.
final class CodePool {
  private static final int OF_EACH = 6;

  private final List<Encoded> all = new ArrayList<>();

  CodePool(Mode mode) {
    Encoder encoder = new Encoder(mode, new SplittableRandom(mode.ordinal()));
    for (Form form : OpcodeTable.forms()) {
      for (int i = 0; i < OF_EACH; i++) {
        Encoded encoded = encoder.encode(form);
        if (encoded == null) {
          break;
        }
        all.add(encoded);
      }
    }
  }

  int size() {
    return all.size();
  }

  /// One of them, with new bytes in its fields.
  byte[] pick(Chance chance) {
    Encoded encoded = all.get(chance.below(all.size()));
    byte[] bytes = encoded.bytes().clone();
    Instruction i = encoded.instruction();
    put(bytes, i.displacementAt(), i.displacementBytes(), displacement(i, chance));
    put(bytes, i.immediateAt(), i.immediateBytes(), immediate(chance));
    return bytes;
  }

  /// Small where registers give the address, else all of it.
  private static long displacement(Instruction i, Chance chance) {
    boolean isAlone = i.base() == Instruction.NONE && i.index() == Instruction.NONE;
    return isAlone || chance.oneIn(8) ? chance.address() : chance.below(256) - 128L;
  }

  private static long immediate(Chance chance) {
    return chance.oneIn(3) ? chance.number() : chance.below(64) - 16L;
  }

  private static void put(byte[] bytes, int at, int count, long value) {
    for (int i = 0; i < count; i++) {
      bytes[at + i] = (byte) (value >> 8 * Math.min(i, 7));
    }
  }
}
