package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.CodePage;
import dev.javisor.x86.decode.Decoded;
import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.system.ModeKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// The instructions of a block, for who translates it: a block itself keeps operations only.
public final class BlockSource {
  private BlockSource() {}

  /// The instructions `block` was made of, decoded anew; as many as it has.
  ///
  /// @return none if it is no longer valid, reaches into a second page, is not in RAM, or ends
  ///     with what is no instruction
  public static List<Instruction> of(Cpu cpu, Block block) {
    CodePage page = block.page();
    if (page.gpa() < 0 || block.straddles()) {
      return List.of();
    }
    byte[] bytes = new byte[block.end() - block.offset()];
    synchronized (page) {
      if (!block.isValid()) {
        return List.of();
      }
      MemorySegment.copy(
          cpu.ram(), ValueLayout.JAVA_BYTE, page.gpa() + block.offset(), bytes, 0, bytes.length);
    }
    return decode(bytes, ModeKey.mode(block.key()));
  }

  private static List<Instruction> decode(byte[] bytes, Mode mode) {
    Decoder decoder = new Decoder();
    List<Instruction> found = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += found.getLast().length()) {
      Decoded decoded = decoder.decode(bytes, at, bytes.length, mode);
      if (!(decoded instanceof Instruction instruction)) {
        return List.of();
      }
      found.add(instruction);
    }
    return found;
  }
}
