package dev.javisor.linux.process;

import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.call.Syscall;
import java.lang.foreign.Arena;
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
      long result =
          Syscall.invoke(
              Syscall.EXECVE,
              NativeStruct.string(path, arena).address(),
              pointers(words, arena).address(),
              pointers(environment, arena).address());
      long unused = Syscall.check(result, "execve", path);
    }
  }

  /// Of the strings, and a null behind them.
  private static NativeStruct pointers(List<byte[]> strings, Arena arena) {
    NativeStruct array = NativeStruct.allocate((strings.size() + 1L) * Long.BYTES, arena);
    for (int i = 0; i < strings.size(); i++) {
      array.bytes().putLong(i * Long.BYTES, NativeStruct.string(strings.get(i), arena).address());
    }
    return array;
  }
}
