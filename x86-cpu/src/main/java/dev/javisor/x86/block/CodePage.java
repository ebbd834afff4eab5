package dev.javisor.x86.block;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The blocks decoded from one page of physical memory. Finding takes no lock; changes are made
/// under the page's own.
public final class CodePage {
  private static final int PAGE_BYTES = 4096;
  private static final int GRANULE_LOG = 6;
  private static final int GRANULE_BYTES = 1 << GRANULE_LOG;

  // What things take of the heap, roughly, for [#weight].
  private static final int BLOCK_WEIGHT = 120;
  private static final int INSTRUCTION_WEIGHT = 130;
  private static final int GRANULE_WEIGHT = 32 + 4 * GRANULE_BYTES;

  private final long gpa;

  /// Granules of 64 bytes that have code in them, a bit each.
  private long granules;

  /// How far instructions of the page before reach into this one, in bytes, and a number that
  /// changes when those bytes do.
  private int tail;

  private volatile int tailGeneration;

  private volatile boolean isWatched;

  /// The blocks that begin in a granule, by offset.
  private static final class Row {
    private final @Nullable Block[] blocks = new Block[GRANULE_BYTES];
  }

  private static final class Rows {
    private final @Nullable Row[] byGranule = new Row[PAGE_BYTES >> GRANULE_LOG];
  }

  /// Null while there are no blocks: a guest can have a million pages that once had some.
  private @Nullable Rows rows;

  /// Blocks that share an offset with one of another key.
  private volatile List<Block> others = List.of();

  private List<Block> all = new ArrayList<>(0);
  private int weight;

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
    Block found = first(offset);
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

  private @Nullable Block first(int offset) {
    Rows table = rows;
    Row row = table == null ? null : table.byGranule[offset >> GRANULE_LOG];
    return row == null ? null : row.blocks[offset & GRANULE_BYTES - 1];
  }

  public void add(Block block) {
    all.add(block);
    weight += BLOCK_WEIGHT + INSTRUCTION_WEIGHT * block.count();
    granules |= mask(block.offset(), Math.min(block.end(), PAGE_BYTES));
    if (first(block.offset()) == null) {
      row(block.offset()).blocks[block.offset() & GRANULE_BYTES - 1] = block;
    } else {
      List<Block> more = new ArrayList<>(others);
      more.add(block);
      others = List.copyOf(more);
    }
  }

  private Row row(int offset) {
    Rows table = rows;
    if (table == null) {
      table = new Rows();
      rows = table;
      weight += GRANULE_WEIGHT;
    }
    int granule = offset >> GRANULE_LOG;
    Row row = table.byGranule[granule];
    if (row == null) {
      row = new Row();
      table.byGranule[granule] = row;
      weight += GRANULE_WEIGHT;
    }
    return row;
  }

  /// How many blocks it has.
  public int blocks() {
    return all.size();
  }

  /// How many bytes of the heap its blocks take, roughly.
  public int weight() {
    return weight;
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

  /// Drops all blocks.
  public void clear() {
    boolean unused = invalidate(0, PAGE_BYTES);
  }

  private void rebuild(List<Block> kept) {
    rows = null;
    all = new ArrayList<>(0);
    weight = 0;
    granules = tail == 0 ? 0 : mask(0, tail);
    others = List.of();
    kept.forEach(this::add);
  }
}
