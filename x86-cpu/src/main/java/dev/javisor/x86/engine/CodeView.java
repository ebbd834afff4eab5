package dev.javisor.x86.engine;

import dev.javisor.x86.decode.Decoded;
import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.mmu.Paging;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.ModeKey;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/// What is at RIP, for people. On the vCPU's thread.
final class CodeView {
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

  private final Cpu cpu;
  private final Paging paging;
  private final Decoder decoder = new Decoder();
  private final byte[] bytes = new byte[Decoder.LENGTH_MAX];

  CodeView(Cpu cpu, Paging paging) {
    this.cpu = cpu;
    this.paging = paging;
  }

  /// The instruction's bytes and mnemonic; `(none)` where nothing can be fetched.
  String instruction() {
    int count = fetch();
    if (isUd2(count)) {
      return HEX.formatHex(bytes, 0, 2) + "  ud2";
    }
    return switch (decode(count)) {
      case Instruction i -> HEX.formatHex(bytes, 0, i.length()) + "  " + i.form().mnemonic();
      case Decoded.Refusal refusal when count > 0 ->
          HEX.formatHex(bytes, 0, count) + "  (" + refusal + ")";
      case Decoded.Refusal _ -> "(none)";
    };
  }

  private Decoded decode(int count) {
    return decoder.decode(bytes, 0, count, ModeKey.mode((int) cpu.get(Slots.KEY)));
  }

  /// What a kernel has where it does not want to come.
  private boolean isUd2(int count) {
    return count >= 2 && bytes[0] == 0x0F && bytes[1] == 0x0B;
  }

  /// Whether what is there is no instruction, and that is nobody's intention.
  boolean isNonsense() {
    int count = fetch();
    return !isUd2(count) && !(decode(count) instanceof Instruction);
  }

  /// All bytes that an instruction at RIP could have.
  String hex() {
    int count = fetch();
    return count == 0 ? "(none)" : HEX.formatHex(bytes, 0, count);
  }

  private int fetch() {
    boolean isLong = ModeKey.mode((int) cpu.get(Slots.KEY)).isLong();
    long rip = cpu.get(Slots.RIP);
    long linear = isLong ? rip : rip + cpu.segmentBase(Instruction.CS) & 0xFFFF_FFFFL;
    long cr2 = cpu.get(Slots.CR2);
    int count = 0;
    try {
      for (; count < bytes.length; count++) {
        long at = linear + count;
        long page = paging.fetch(cpu, at);
        if (page < 0) {
          break;
        }
        bytes[count] = cpu.ram().get(ValueLayout.JAVA_BYTE, page + (at & 4095));
      }
    } catch (CpuFault notThere) {
      cpu.set(Slots.CR2, cr2);
    }
    return count;
  }
}
