package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.linux.call.Syscall;
import dev.javisor.x86.nativecode.CodeWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A signal handler in machine code for what instructions of cases raise: notes vector, error code,
/// CR2 and RIP down and goes on at the stub's end. A fault above 4 GiB is none of a case's and goes
/// to HotSpot (man 2 rt_sigaction, sigaltstack; asm/sigcontext.h).
final class FaultHandler {
  // man 7 signal
  private static final int SIGILL = 4;
  private static final int SIGTRAP = 5;
  private static final int SIGBUS = 7;
  private static final int SIGFPE = 8;
  private static final int SIGSEGV = 11;
  private static final int[] SIGNALS = {SIGSEGV, SIGILL, SIGTRAP, SIGBUS, SIGFPE};

  private static final int RT_SIGACTION = 13;
  private static final int SIGALTSTACK = 131;
  private static final int SIG_BLOCK = 0;
  private static final long SA_SIGINFO = 4;
  private static final long SA_RESTORER = 0x04000000;
  private static final long SA_ONSTACK = 0x08000000;

  // struct sigaction as the kernel has it: handler, flags, restorer, mask
  private static final int ACTION_BYTES = 32;
  private static final int ACTION_FLAGS = 8;
  private static final int ACTION_RESTORER = 16;
  private static final int MASK_BYTES = 8;

  // ucontext_t
  private static final int UC_RIP = 168;
  private static final int UC_CS = 184;
  private static final int UC_ERROR = 192;
  private static final int UC_VECTOR = 200;
  private static final int UC_CR2 = 216;

  private static final int STACK_BYTES = 256 << 10;

  private FaultHandler() {}

  /// @param notes where vector, error code, CR2 and RIP go, 8 bytes each; behind them 64 more words
  ///     for the handlers that were there before
  /// @param resume where a case that faulted goes on
  static long write(CodeWriter code, long notes, long resume) {
    long start = code.align().address();
    code.bytes(0x48, 0x8B, 0x82).int32(UC_RIP); // mov rax, [rdx + UC_RIP]
    code.bytes(0x48, 0xC1, 0xE8, 32); // shr rax, 32
    code.bytes(0x74, 12); // jz ours
    code.bytes(0x48, 0x8D, 0x05).distance(notes + Notes.OLD_HANDLERS); // lea rax, [OLD_HANDLERS]
    code.bytes(0xFF, 0x24, 0xF8, 0x90, 0x90); // jmp [rax + 8 * rdi]
    note(code, UC_VECTOR, notes + Notes.VECTOR);
    note(code, UC_ERROR, notes + Notes.ERROR);
    note(code, UC_CR2, notes + Notes.CR2);
    note(code, UC_RIP, notes + Notes.RIP);
    code.bytes(0x48, 0x8D, 0x05).distance(resume); // lea rax, [resume]
    code.bytes(0x48, 0x89, 0x82).int32(UC_RIP); // mov [rdx + UC_RIP], rax
    code.bytes(0x66, 0xC7, 0x82).int32(UC_CS).bytes(GuestMap.CS_LONG, 0); // mov word [rdx + UC_CS]
    code.bytes(0xC3);
    return start;
  }

  private static void note(CodeWriter code, int from, long to) {
    code.bytes(0x48, 0x8B, 0x82).int32(from); // mov rax, [rdx + from]
    code.bytes(0x48, 0x89, 0x05).distance(to); // mov [to], rax
  }

  /// Makes it this thread's, whose RSP may be anything from now on; all other signals are for other
  /// threads.
  static void install(long handler, MemorySegment notes, Arena arena) {
    MemorySegment stack = arena.allocate(24, 8);
    stack.set(JAVA_LONG, 0, arena.allocate(STACK_BYTES, 4096).address());
    stack.set(JAVA_LONG, 16, STACK_BYTES);
    check(SIGALTSTACK, stack.address(), 0, 0, 0, "sigaltstack");
    MemorySegment mask = arena.allocate(MASK_BYTES, 8);
    mask.set(JAVA_LONG, 0, -1L);
    for (int signal : SIGNALS) {
      mask.set(JAVA_LONG, 0, mask.get(JAVA_LONG, 0) & ~(1L << (signal - 1)));
      install(signal, handler, notes, arena);
    }
    check(Syscall.RT_SIGPROCMASK, SIG_BLOCK, mask.address(), 0, MASK_BYTES, "rt_sigprocmask");
  }

  private static void install(int signal, long handler, MemorySegment notes, Arena arena) {
    MemorySegment action = arena.allocate(ACTION_BYTES, 8);
    check(RT_SIGACTION, SIGSEGV, 0, action.address(), MASK_BYTES, "rt_sigaction");
    long restorer = action.get(JAVA_LONG, ACTION_RESTORER);
    check(RT_SIGACTION, signal, 0, action.address(), MASK_BYTES, "rt_sigaction");
    notes.set(JAVA_LONG, Notes.OLD_HANDLERS + 8L * signal, action.get(JAVA_LONG, 0));
    action.set(JAVA_LONG, 0, handler);
    action.set(JAVA_LONG, ACTION_FLAGS, SA_SIGINFO | SA_RESTORER | SA_ONSTACK);
    action.set(JAVA_LONG, ACTION_RESTORER, restorer);
    check(RT_SIGACTION, signal, action.address(), 0, MASK_BYTES, "rt_sigaction");
  }

  private static void check(long number, long a, long b, long c, long d, String call) {
    Syscall.check(Syscall.invoke(number, a, b, c, d, 0, 0), call, "");
  }

  /// What the machine code notes down.
  static final class Notes {
    static final int VECTOR = 0;
    static final int ERROR = 8;
    static final int CR2 = 16;
    static final int RIP = 24;

    /// Where a case that did not fault has left its slot, 4 bytes.
    static final int LEFT_AT = 32;

    /// A data selector, none, and a far pointer.
    static final int DATA_SELECTOR = 40;

    static final int NO_SELECTOR = 42;
    static final int FAR_POINTER = 44;
    static final int OLD_HANDLERS = 64;

    private Notes() {}

    static void reset(MemorySegment notes) {
      notes.set(JAVA_LONG, VECTOR, CaseLayout.NO_VECTOR);
      notes.set(JAVA_INT, LEFT_AT, 0);
    }
  }
}
