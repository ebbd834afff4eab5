package dev.javisor.x86.block;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import org.jspecify.annotations.Nullable;

/// The way from a block to a place known when it was decoded. Within the page it is a link to the
/// block there, once there is one; the page's translation holds as long as nobody leaves it.
public final class Way {
  /// Null where it leads nowhere in the page, or its own block is no longer valid.
  private @Nullable CodePage page;

  private final int target;
  private final int key;
  private final long mask;
  private @Nullable Block link;

  /// @param page the page the block is in
  /// @param target an offset from the page's beginning; any other than 0..4095 is elsewhere
  /// @param key of the block
  /// @param mask the bits that RIP has
  public Way(CodePage page, int target, int key, long mask) {
    this.page = (target & ~0xFFF) == 0 ? page : null;
    this.target = target;
    this.key = key;
    this.mask = mask;
  }

  /// The first operation there, or null with RIP set.
  public @Nullable Op go(Cpu cpu) {
    Block known = link;
    return known != null && known.isValid() ? known.enter(cpu) : find(cpu);
  }

  private @Nullable Op find(Cpu cpu) {
    CodePage here = page;
    Block found = here == null ? null : here.find(target, key);
    if (here != null && found != null && !found.straddles()) {
      link(here, found);
      return found.enter(cpu);
    }
    cpu.set(Slots.RIP, (cpu.get(Slots.PAGE) + target) & mask);
    return null;
  }

  private void link(CodePage here, Block found) {
    synchronized (here) {
      if (page != null) {
        link = found;
      }
    }
  }

  /// Its block is gone: what it led to is not to be kept for its sake, nor what that led to. The
  /// page is locked.
  void close() {
    page = null;
    link = null;
  }
}
