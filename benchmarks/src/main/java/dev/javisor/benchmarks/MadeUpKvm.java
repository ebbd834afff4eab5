package dev.javisor.benchmarks;

import dev.javisor.linux.call.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/// A KVM that answers at once (`madeup.c`), for machines without one: what is left of a time is
/// ours. The code that makes the product's system calls becomes a jump to it.
final class MadeUpKvm {
  private static final long PAGE_BYTES = 4096;
  private static final long READ_WRITE_EXECUTE = 7;

  private MadeUpKvm() {}

  /// @param library `madeup.c`, compiled
  static void install(Path library) throws ReflectiveOperationException {
    long target =
        SymbolLookup.libraryLookup(library, Arena.global()).findOrThrow("made_up").address();
    Field field = Syscall.class.getDeclaredField("CODE");
    field.setAccessible(true);
    MemorySegment code = (MemorySegment) field.get(null);
    long result = Syscall.invoke(Syscall.MPROTECT, code.address(), PAGE_BYTES, READ_WRITE_EXECUTE);
    long unused = Syscall.check(result, "mprotect", "the page of the system calls' code");
    ByteBuffer jump = code.asByteBuffer().order(ByteOrder.nativeOrder());
    jump.put((byte) 0x48).put((byte) 0xB8).putLong(target); // mov rax, target
    jump.put((byte) 0xFF).put((byte) 0xE0); // jmp rax
  }
}
