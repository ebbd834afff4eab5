package dev.javisor.linux.call;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;

/// Where the one downcall goes: code of ours that makes a system call and returns what the kernel
/// does (System V ABI for x86-64, 3.2.3 and A.2.1; docs/decisions/0007). libc's `syscall` moves the
/// error to `errno`, from where a downcall must fetch it before the JVM runs anything else.
final class SystemCallCode {
  private static final long PAGE_BYTES = 4096;
  private static final long PROT_READ = 1;
  private static final long PROT_WRITE = 2;
  private static final long PROT_EXEC = 4;
  private static final long MAP_PRIVATE = 2;
  private static final long MAP_ANONYMOUS = 0x20;

  private final MethodHandle downcall;
  private final MemorySegment libc;

  /// @param downcall address, number and six arguments
  /// @param libc its `syscall`, which makes the two calls that this takes
  SystemCallCode(MethodHandle downcall, MemorySegment libc) {
    this.downcall = downcall;
    this.libc = libc;
  }

  /// Puts the code into a page of its own, which nobody can write to afterwards.
  ///
  /// @throws IllegalStateException if this process may not have one
  MemorySegment place() {
    long memory = PROT_READ | PROT_WRITE;
    long page = call(Syscall.MMAP, 0, PAGE_BYTES, memory, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    MemorySegment code = MemorySegment.ofAddress(page).reinterpret(PAGE_BYTES);
    write(NativeStruct.of(code).bytes());
    long unused = call(Syscall.MPROTECT, page, PAGE_BYTES, PROT_READ | PROT_EXEC, 0, 0);
    return code;
  }

  private static void write(ByteBuffer code) {
    put(code, 0x48, 0x89, 0xF8); // mov rax, rdi
    put(code, 0x48, 0x89, 0xF7); // mov rdi, rsi
    put(code, 0x48, 0x89, 0xD6); // mov rsi, rdx
    put(code, 0x48, 0x89, 0xCA); // mov rdx, rcx
    put(code, 0x4D, 0x89, 0xC2); // mov r10, r8
    put(code, 0x4D, 0x89, 0xC8); // mov r8, r9
    put(code, 0x4C, 0x8B, 0x4C, 0x24, 0x08); // mov r9, [rsp + 8]
    put(code, 0x0F, 0x05); // syscall
    put(code, 0xC3); // ret
  }

  private static void put(ByteBuffer code, int... instruction) {
    for (int value : instruction) {
      code.put((byte) value);
    }
  }

  private long call(int number, long a, long b, long c, long d, long e) {
    long result;
    try {
      result = (long) downcall.invokeExact(libc, (long) number, a, b, c, d, e, 0L);
    } catch (Throwable t) {
      throw new AssertionError("a downcall throws nothing", t);
    }
    if (result == -1) {
      throw new IllegalStateException(
          "no memory for code, though the JVM's compiler has some: system call " + number);
    }
    return result;
  }
}
