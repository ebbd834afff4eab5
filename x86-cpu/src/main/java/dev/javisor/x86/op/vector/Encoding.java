package dev.javisor.x86.op.vector;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.fp.FloatingPoint;
import dev.javisor.x86.fp.Routines;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.state.Slots;
import java.io.ByteArrayOutputStream;

/// Instructions with the operands that [FloatingPoint] wants: memory is `[RDI + FP_SOURCE]`,
/// registers are number 0 but for the x87's own.
final class Encoding {
  private static final int REX_W = 0x48;
  private static final int RDI_AND_DISPLACEMENT = 0x87;

  private Encoding() {}

  /// An SSE instruction's routine.
  static FloatingPoint.Routine sse(Context c, FloatingPoint.Target target) {
    Instruction i = c.instruction();
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    String prefix = i.form().opcode().substring(0, 2);
    if (!prefix.equals("NP")) {
      code.write(Integer.parseInt(prefix, 16));
    }
    if (i.operandBytes() == 8) {
      code.write(REX_W);
    }
    code.write(0x0F);
    code.write(i.opcode());
    memory(code, 0);
    return Routines.of(target, code.toByteArray());
  }

  /// An x87 instruction's.
  static FloatingPoint.Routine x87(Context c) {
    Instruction i = c.instruction();
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    code.write(i.opcode());
    if (i.isMemory()) {
      memory(code, i.modrm() & 0x38);
    } else {
      code.write(i.modrm());
    }
    return Routines.of(FloatingPoint.Target.X87, code.toByteArray());
  }

  private static void memory(ByteArrayOutputStream code, int digit) {
    code.write(RDI_AND_DISPLACEMENT | digit);
    for (int shift = 0; shift < 32; shift += 8) {
      code.write(Slots.FP_SOURCE >> shift);
    }
  }
}
