package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.Translation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A block's jumps to others of its page, taken without a look at the target: like those of machine
/// code they have to be undone when the target goes. Any thread.
final class Jumps implements Translation {
  private final Block block;
  private final Map<Integer, Block> targets = new ConcurrentHashMap<>();
  private final List<Jumps> sources = new ArrayList<>();
  private boolean isGone;

  private Jumps(Block block) {
    this.block = block;
  }

  /// Null if the block is no longer valid.
  static @Nullable Jumps of(Block block) {
    Translation known = block.translation();
    return (Jumps) (known != null ? known : block.attach(new Jumps(block)));
  }

  @Nullable Block target(int offset) {
    return targets.get(offset);
  }

  /// Has `other` jump here; false if there is no here any more.
  synchronized boolean comeFrom(Jumps other) {
    if (isGone) {
      return false;
    }
    sources.add(other);
    other.targets.put(block.offset(), block);
    return true;
  }

  @Override
  public synchronized void invalidated() {
    isGone = true;
    sources.forEach(source -> source.targets.remove(block.offset(), block));
    sources.clear();
  }
}
