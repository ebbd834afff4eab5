package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import org.jspecify.annotations.Nullable;

/// Where the code at an address was found last time: good for as long as translations and the mode
/// are what they were.
final class JumpCache {
  private static final int ENTRIES = 1 << 12;

  private final long[] addresses = new long[ENTRIES];
  private final int[] generations = new int[ENTRIES];
  private final @Nullable Block[] blocks = new Block[ENTRIES];

  private static int index(long address) {
    return (int) (address ^ address >>> 12) & ENTRIES - 1;
  }

  @Nullable Block find(long address, int generation, int key) {
    int at = index(address);
    Block block = blocks[at];
    boolean isIt =
        block != null
            && addresses[at] == address
            && generations[at] == generation
            && block.key() == key
            && block.isValid();
    return isIt ? block : null;
  }

  void put(long address, int generation, Block block) {
    int at = index(address);
    addresses[at] = address;
    generations[at] = generation;
    blocks[at] = block;
  }
}
