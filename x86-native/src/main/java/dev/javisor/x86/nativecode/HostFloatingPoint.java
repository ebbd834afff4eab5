package dev.javisor.x86.nativecode;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.x86.fp.FloatingPoint;
import dev.javisor.x86.state.Slots;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/// Floating point by the host's processor. A routine finds the state block in RDI, keeps what it
/// changes of the host on the stack, and faults in no way: exceptions of SSE are masked, those of
/// the x87 wait until FNINIT forgets them, and all memory is the block. Any thread.
public final class HostFloatingPoint implements FloatingPoint {
  /// For some hundreds of routines, of less than 128 bytes each.
  private static final long BYTES = 1 << 18;

  private static final int ROUTINE_BYTES_MAX = 128;

  /// JMP RSI.
  private static final int[] ENTER = {0xFF, 0xE6};

  private static @Nullable Code code;

  /// The code that all instances share, and how it is entered.
  private record Code(CodeWriter writer, MethodHandle enter) {}

  @Override
  public Routine prepare(Target target, byte[] instruction) {
    long entry;
    MethodHandle enter;
    synchronized (HostFloatingPoint.class) {
      Code shared = code();
      entry = write(shared.writer().align(), target, instruction);
      enter = shared.enter();
    }
    return block -> run(enter, block, entry);
  }

  private static Code code() {
    if (code == null) {
      MemorySegment memory = ExecutableMemory.map(BYTES, Arena.global());
      MethodHandle enter =
          ExecutableMemory.call(memory, FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG));
      code = new Code(new CodeWriter(memory).bytes(ENTER), enter);
    }
    return code;
  }

  private static void run(MethodHandle enter, MemorySegment block, long entry) {
    assert block.byteSize() >= Slots.BYTES && (block.address() & 15) == 0 : block;
    try {
      enter.invokeExact(block.address(), entry);
    } catch (Throwable t) {
      throw new AssertionError("a downcall throws nothing", t);
    } finally {
      Reference.reachabilityFence(block);
    }
  }

  private static long write(CodeWriter to, Target target, byte[] instruction) {
    long entry = to.address();
    if (target == Target.X87) {
      writeX87(to, instruction);
    } else {
      writeSse(to, target, instruction);
    }
    assert to.address() - entry <= ROUTINE_BYTES_MAX : to.address() - entry;
    return entry;
  }

  /// The host's MXCSR is in the red zone (System V ABI, 3.2.2).
  private static void writeSse(CodeWriter to, Target target, byte[] instruction) {
    to.bytes(0x0F, 0xAE, 0x5C, 0x24, 0xF8); // stmxcsr [rsp - 8]
    to.bytes(0x0F, 0xAE, 0x97).int32(Slots.FP_MXCSR); // ldmxcsr [rdi + FP_MXCSR]
    to.bytes(0x0F, 0x10, 0x87).int32(Slots.FP_TARGET); // movups xmm0, [rdi + FP_TARGET]
    to.bytes(instruction);
    switch (target) {
      case GENERAL -> to.bytes(0x48, 0x89, 0x87).int32(Slots.FP_TARGET); // mov [rdi + ...], rax
      case MMX -> to.bytes(0x0F, 0x7F, 0x87).int32(Slots.FP_TARGET).bytes(0x0F, 0x77); // movq; emms
      default -> to.bytes(0x0F, 0x11, 0x87).int32(Slots.FP_TARGET); // movups
    }
    to.bytes(0x0F, 0xAE, 0x9F).int32(Slots.FP_MXCSR); // stmxcsr [rdi + FP_MXCSR]
    to.bytes(0x0F, 0xAE, 0x54, 0x24, 0xF8); // ldmxcsr [rsp - 8]
    to.bytes(0xC3);
  }

  /// FXRSTOR loads the image's MXCSR and XMM registers too; the ABI keeps none of the latter.
  private static void writeX87(CodeWriter to, byte[] instruction) {
    to.bytes(0x48, 0x83, 0xEC, 0x18); // sub rsp, 24
    to.bytes(0x0F, 0xAE, 0x5C, 0x24, 0x08); // stmxcsr [rsp + 8]
    to.bytes(0xD9, 0x7C, 0x24, 0x10); // fnstcw [rsp + 16]
    to.bytes(0x48, 0x0F, 0xAE, 0x8F).int32(Slots.FP_IMAGE); // fxrstor64 [rdi + FP_IMAGE]
    to.bytes(0xFF, 0xB7).int32(Slots.FP_FLAGS).bytes(0x9D); // push [rdi + FP_FLAGS]; popfq
    to.bytes(instruction);
    to.bytes(0x9C, 0x8F, 0x87).int32(Slots.FP_FLAGS); // pushfq; pop [rdi + FP_FLAGS]
    to.bytes(0x48, 0x0F, 0xAE, 0x87).int32(Slots.FP_IMAGE); // fxsave64 [rdi + FP_IMAGE]
    to.bytes(0xDB, 0xE3); // fninit
    to.bytes(0xD9, 0x6C, 0x24, 0x10); // fldcw [rsp + 16]
    to.bytes(0x0F, 0xAE, 0x54, 0x24, 0x08); // ldmxcsr [rsp + 8]
    to.bytes(0x48, 0x83, 0xC4, 0x18, 0xC3); // add rsp, 24; ret
  }
}
