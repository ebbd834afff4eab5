package dev.javisor.linux.process;

import dev.javisor.linux.call.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Puts another program into this process, which keeps its number, its terminal and its
/// descriptors.
public final class Replacement {
  private Replacement() {}

  /// Does not return.
  ///
  /// @param path what to start
  /// @param words its command line, from its name on, each without a NUL
  /// @param environment `NAME=value`, likewise
  /// @throws dev.javisor.linux.call.SyscallException if it cannot be started
  public static void exec(String path, List<byte[]> words, List<byte[]> environment) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment program = arena.allocateFrom(path);
      long result =
          Syscall.invoke(
              Syscall.EXECVE,
              program.address(),
              pointers(words, arena).address(),
              pointers(environment, arena).address());
      long unused = Syscall.check(result, "execve", path);
    }
  }

  private static MemorySegment pointers(List<byte[]> strings, Arena arena) {
    MemorySegment array = arena.allocate(ValueLayout.ADDRESS, strings.size() + 1L);
    for (int i = 0; i < strings.size(); i++) {
      byte[] bytes = strings.get(i);
      MemorySegment string = arena.allocate(bytes.length + 1L); // zeroed: ends with a NUL
      MemorySegment.copy(MemorySegment.ofArray(bytes), 0, string, 0, bytes.length);
      array.setAtIndex(ValueLayout.ADDRESS, i, string);
    }
    return array;
  }
}
