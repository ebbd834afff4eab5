package dev.javisor.x86.engine;

import java.util.function.Consumer;

/// What of a vCPU's life is written down: instructions, exceptions, interrupts and accesses to MSRs
/// from instruction `from` on, counted from 0, for `count` instructions.
///
/// @param out takes the lines, on the vCPU's thread
public record CpuTrace(long from, long count, Consumer<String> out) {
  /// Nothing.
  public static final CpuTrace NONE = new CpuTrace(Long.MAX_VALUE, 0, _ -> {});

  boolean has(long instruction) {
    return instruction >= from && instruction - from < count;
  }

  /// How many instructions from `instruction` on are none of it, at most.
  long isQuietFor(long instruction) {
    return instruction < from ? from - instruction : Long.MAX_VALUE;
  }
}
