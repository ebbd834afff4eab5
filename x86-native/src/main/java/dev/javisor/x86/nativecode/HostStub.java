package dev.javisor.x86.nativecode;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Runs instructions on the host's processor: loads what a user program sees of a processor from a
/// block of memory, goes to a fragment of code, and stores it back. RSP is the guest's meanwhile,
/// so whoever runs what may fault brings a signal stack and a handler that ends at [#exit()].
///
/// For one thread: what it keeps of the host is in its own memory.
public final class HostStub {
  /// General registers and flags alone; the instructions leave the rest as it is.
  public static final int GENERAL = 0;

  /// Also all of x87, MMX, XMM and MXCSR.
  public static final int WITH_FX = 1;

  /// Code, what it keeps, and the first fragments.
  public static final int BYTES_MIN = 3 * ExecutableMemory.PAGE_BYTES;

  /// What is taken over of RFLAGS: the status flags and DF. TF and AC would be the host's end.
  public static final int FLAGS = 0xCD5;

  private static final int ALWAYS_SET = 0x202;
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RSP = 4;
  private static final int RSI = 6;
  private static final int RDI = 7;

  // what the host keeps, in the second page
  private static final int HOST_RSP = 0;
  private static final int HOST_FLAGS = 8;
  private static final int OUT = 16;
  private static final int FRAGMENT = 24;
  private static final int GUEST_RAX = 32;
  private static final int PIECES = 40;
  private static final int HOST_MXCSR = 48;
  private static final int HOST_CW = 52;

  /// Where a block has what.
  ///
  /// @param general 16 general registers of 8 bytes, in the order of their numbers
  /// @param flags RFLAGS, 8 bytes
  /// @param fx FXSAVE64's 512 bytes; with the block's address a multiple of 16
  public record Layout(int general, int flags, int fx) {}

  private final Layout layout;
  private final long kept;
  private final CodeWriter fragments;
  private final long exit;
  private final MethodHandle enter;

  /// @param memory executable, at least [#BYTES_MIN], for as long as this is used
  public HostStub(MemorySegment memory, Layout layout) {
    this.layout = layout;
    this.kept = memory.address() + ExecutableMemory.PAGE_BYTES;
    this.fragments = new CodeWriter(memory.asSlice(2 * ExecutableMemory.PAGE_BYTES));
    CodeWriter code = new CodeWriter(memory);
    writeEnter(code);
    this.exit = code.align().address();
    writeExit(code);
    this.enter =
        ExecutableMemory.call(
            memory, FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT));
  }

  /// Runs a fragment.
  ///
  /// @param in the address of the block to load
  /// @param out the address of the block to store to, may be the same
  /// @param fragment where to go; it ends by going to [#exit()]
  /// @param pieces [#GENERAL] or [#WITH_FX]
  public void run(long in, long out, long fragment, int pieces) {
    try {
      enter.invokeExact(in, out, fragment, pieces);
    } catch (Throwable t) {
      throw new AssertionError("a downcall throws nothing", t);
    }
  }

  /// Puts instructions behind the fragments that are there and returns where they are.
  public long fragment(byte[] instructions) {
    long address = fragments.align().address();
    fragments.bytes(instructions).jump(exit);
    return address;
  }

  /// Where fragments go when done, in 64-bit mode, all registers the guest's.
  public long exit() {
    return exit;
  }

  /// (in, out, fragment, pieces) in RDI, RSI, RDX, ECX.
  private void writeEnter(CodeWriter code) {
    code.bytes(0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57); // push what is kept
    code.store(RSP, kept + HOST_RSP);
    code.bytes(0x9C, 0x8F, 0x05).distance(kept + HOST_FLAGS); // pushfq; pop [HOST_FLAGS]
    code.store(RSI, kept + OUT).store(RDX, kept + FRAGMENT).store(RCX, kept + PIECES);
    long without = jumpUnlessWithFx(code);
    code.bytes(0x0F, 0xAE, 0x1D).distance(kept + HOST_MXCSR); // stmxcsr
    code.bytes(0xD9, 0x3D).distance(kept + HOST_CW); // fnstcw
    code.bytes(0x48, 0x0F, 0xAE, 0x8F).int32(layout.fx()); // fxrstor64 [rdi + fx]
    code.land(without);
    writeLoadFlags(code);
    for (int register = 0; register < 16; register++) {
      if (register != RDI) {
        code.load(register, RDI, layout.general() + register * Long.BYTES);
      }
    }
    code.load(RDI, RDI, layout.general() + RDI * Long.BYTES);
    code.bytes(0xFF, 0x25).distance(kept + FRAGMENT); // jmp [FRAGMENT]
  }

  private void writeLoadFlags(CodeWriter code) {
    code.load(RAX, RDI, layout.flags());
    code.bytes(0x25).int32(FLAGS); // and eax
    code.bytes(0x0D).int32(ALWAYS_SET); // or eax
    code.bytes(0x50, 0x9D); // push rax; popfq
  }

  /// MOV leaves the flags alone until they are stored.
  private void writeExit(CodeWriter code) {
    code.store(RAX, kept + GUEST_RAX).load(RAX, kept + OUT);
    for (int register = 1; register < 16; register++) {
      code.store(register, RAX, layout.general() + register * Long.BYTES);
    }
    code.load(RSP, kept + HOST_RSP);
    code.bytes(0x9C, 0x8F, 0x80).int32(layout.flags()); // pushfq; pop [rax + flags]
    code.bytes(0xFF, 0x35).distance(kept + HOST_FLAGS).bytes(0x9D); // push [HOST_FLAGS]; popfq
    code.load(RCX, kept + GUEST_RAX).store(RCX, RAX, layout.general());
    code.load(RCX, kept + PIECES);
    long without = jumpUnlessWithFx(code);
    code.bytes(0x48, 0x0F, 0xAE, 0x80).int32(layout.fx()); // fxsave64 [rax + fx]
    writeHostFloatingPoint(code);
    code.land(without);
    code.bytes(0x41, 0x5F, 0x41, 0x5E, 0x41, 0x5D, 0x41, 0x5C, 0x5D, 0x5B, 0xC3);
  }

  /// What ECX says of the pieces.
  private static long jumpUnlessWithFx(CodeWriter code) {
    code.bytes(0xF7, 0xC1).int32(WITH_FX); // test ecx, WITH_FX
    return code.holdJump(0x74);
  }

  /// The x87 stack empty and the control words as they were, as the ABI wants it.
  private void writeHostFloatingPoint(CodeWriter code) {
    code.bytes(0xDB, 0xE3); // fninit
    code.bytes(0xD9, 0x2D).distance(kept + HOST_CW); // fldcw
    code.bytes(0x0F, 0xAE, 0x15).distance(kept + HOST_MXCSR); // ldmxcsr
  }
}
