package dev.javisor.linux.call;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Where the one downcall goes: code of ours that makes a system call and returns what the kernel
/// does (System V ABI for x86-64, 3.2.3 and A.2.1). libc's `syscall` would move the error to
/// `errno`, from where a downcall has to fetch it before the JVM runs anything else; that costs a
/// start fifth of its way to a guest, and each call as much again as the call.
final class SystemCallCode {
  private static final int PAGE_BYTES = 4096;
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;

  private static final byte[] CODE = {
    0x48,
    (byte) 0x89,
    (byte) 0xF8, // mov rax, rdi
    0x48,
    (byte) 0x89,
    (byte) 0xF7, // mov rdi, rsi
    0x48,
    (byte) 0x89,
    (byte) 0xD6, // mov rsi, rdx
    0x48,
    (byte) 0x89,
    (byte) 0xCA, // mov rdx, rcx
    0x4D,
    (byte) 0x89,
    (byte) 0xC2, // mov r10, r8
    0x4D,
    (byte) 0x89,
    (byte) 0xC8, // mov r8, r9
    0x4C,
    (byte) 0x8B,
    0x4C,
    0x24,
    0x08, // mov r9, [rsp + 8]
    0x0F,
    0x05, // syscall
    (byte) 0xC3, // ret
  };

  private SystemCallCode() {}

  /// Puts the code into a page of its own, which nobody can write to afterwards.
  ///
  /// @param downcall address, number and six arguments
  /// @param libc its `syscall`, which makes the two calls that this takes
  static MemorySegment place(MethodHandle downcall, MemorySegment libc) throws Throwable {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    int writable = PROT_READ | PROT_WRITE;
    long page =
        (long)
            downcall.invokeExact(
                libc,
                (long) Syscall.MMAP,
                0L,
                (long) PAGE_BYTES,
                (long) writable,
                (long) flags,
                -1L,
                0L);
    check(page, "mmap");
    MemorySegment code = MemorySegment.ofAddress(page).reinterpret(PAGE_BYTES);
    NativeStruct.of(code).bytes().put(0, CODE);
    int executable = PROT_READ | PROT_EXEC;
    check(
        (long)
            downcall.invokeExact(
                libc,
                (long) Syscall.MPROTECT,
                page,
                (long) PAGE_BYTES,
                (long) executable,
                0L,
                0L,
                0L),
        "mprotect");
    return code;
  }

  private static void check(long result, String call) {
    if (result == -1) {
      throw new IllegalStateException(
          call + " of a page for code: refused; what lets the JVM compile lets it do this");
    }
  }
}
