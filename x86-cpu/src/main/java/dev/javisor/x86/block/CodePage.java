package dev.javisor.x86.block;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The blocks decoded from one page of physical memory. Finding takes no lock; changes are made
/// under the page's own.
public final class CodePage {
  private static final int PAGE_BYTES = 4096;

  private final long gpa;

  /// Granules of 64 bytes that have code in them, a bit each.
  private long granules;

  /// How far instructions of the page before reach into this one, in bytes, and a number that
  /// changes when those bytes do.
  private int tail;

  private volatile int tailGeneration;

  private volatile boolean isWatched;

  private final @Nullable Block[] byOffset = new Block[PAGE_BYTES];

  /// Blocks that share an offset with one of another key.
  private volatile List<Block> others = List.of();

  private final List<Block> all = new ArrayList<>();

  /// @param gpa where in RAM it is
  public CodePage(long gpa) {
    this.gpa = gpa;
  }

  public long gpa() {
    return gpa;
  }

  /// Whether no processor writes to it without saying so any more: before, nothing is decoded.
  public boolean isWatched() {
    return isWatched;
  }

  public void watched() {
    isWatched = true;
  }

  /// The block at `offset` that was decoded for `key`.
  public @Nullable Block find(int offset, int key) {
    Block found = byOffset[offset];
    if (found == null || found.key() == key) {
      return found;
    }
    for (Block other : others) {
      if (other.offset() == offset && other.key() == key) {
        return other;
      }
    }
    return null;
  }

  public void add(Block block) {
    all.add(block);
    granules |= mask(block.offset(), Math.min(block.end(), PAGE_BYTES));
    if (byOffset[block.offset()] == null) {
      byOffset[block.offset()] = block;
    } else {
      List<Block> more = new ArrayList<>(others);
      more.add(block);
      others = List.copyOf(more);
    }
  }

  /// That bytes at the page's beginning belong to an instruction that begins in the page before,
  /// which is what memory holds as long as the number returned is [#tailGeneration].
  public int addTail(int bytes) {
    tail = Math.max(tail, bytes);
    granules |= mask(0, bytes);
    return tailGeneration;
  }

  public int tailGeneration() {
    return tailGeneration;
  }

  /// Whether a change of bytes `from` to `to` could touch code.
  public boolean mayHold(int from, int to) {
    return (granules & mask(from, to)) != 0;
  }

  private static long mask(int from, int to) {
    int first = from >> 6;
    int last = (to - 1) >> 6;
    return (-1L << first) & (-1L >>> (63 - last));
  }

  /// Drops the blocks that overlap bytes `from` to `to`; whether there were any.
  @SuppressWarnings("NonAtomicVolatileUpdate") // one at a time: the page is locked
  public boolean invalidate(int from, int to) {
    assert Thread.holdsLock(this);
    boolean isTail = from < tail;
    if (isTail) {
      tail = 0;
      tailGeneration++;
    }
    List<Block> kept = new ArrayList<>();
    for (Block block : all) {
      if (block.offset() < to && block.end() > from) {
        block.invalidate();
      } else {
        kept.add(block);
      }
    }
    boolean dropped = isTail || kept.size() < all.size();
    if (dropped) {
      rebuild(kept);
    }
    return dropped;
  }

  private void rebuild(List<Block> kept) {
    for (Block block : all) {
      byOffset[block.offset()] = null;
    }
    all.clear();
    granules = tail == 0 ? 0 : mask(0, tail);
    others = List.of();
    kept.forEach(this::add);
  }
}
