package dev.javisor.x86.zydis;

import dev.javisor.x86.decode.Decoded;
import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import java.util.List;
import java.util.function.BiConsumer;

/// Every form of a mode with one memory operand and all register operands, under the prefixes that
/// change operands: sizes, REP, REX.
final class AddressingSweep {
  private static final byte[][] LEGACY_PREFIXES = {
    {}, {0x66}, {(byte) 0xF3}, {(byte) 0xF2}, {0x67}, {0x66, (byte) 0xF3}
  };
  private static final byte[][] LONG_PREFIXES = {{0x48}, {0x66, 0x48}, {0x45}, {0x40}};

  /// [RCX], [BX+DI].
  private static final int MEMORY = 1;

  private final Mode mode;
  private final Zydis zydis;
  private final Decoder decoder = new Decoder();
  private final BiConsumer<Instruction, byte[]> both;
  private final byte[] bytes = new byte[16];
  private long instructions;

  /// @param both is handed each instruction that `zydis` has taken apart as well
  AddressingSweep(Mode mode, Zydis zydis, BiConsumer<Instruction, byte[]> both) {
    this.mode = mode;
    this.zydis = zydis;
    this.both = both;
  }

  long run() {
    for (byte[] prefixes : LEGACY_PREFIXES) {
      maps(prefixes);
    }
    for (byte[] prefixes : mode.isLong() ? List.of(LONG_PREFIXES) : List.<byte[]>of()) {
      maps(prefixes);
    }
    return instructions;
  }

  private void maps(byte[] prefixes) {
    System.arraycopy(prefixes, 0, bytes, 0, prefixes.length);
    opcodes(prefixes.length);
    bytes[prefixes.length] = 0x0F;
    opcodes(prefixes.length + 1);
  }

  private void opcodes(int at) {
    for (int opcode = 0; opcode < 256; opcode++) {
      bytes[at] = (byte) opcode;
      for (int modrm = 0; modrm < 256; modrm++) {
        if (modrm >= 0xC0 || (modrm & 0xC7) == MEMORY) {
          bytes[at + 1] = (byte) modrm;
          one();
        }
      }
    }
  }

  private void one() {
    Decoded decoded = decoder.decode(bytes, 0, bytes.length, mode);
    if (decoded instanceof Instruction instruction && zydis.decodeFull(bytes)) {
      instructions++;
      both.accept(instruction, bytes);
    }
  }
}
