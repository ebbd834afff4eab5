package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.CodePage;
import dev.javisor.x86.event.InvalidationEvent;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Processors;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The decoded code of a machine, by page of physical memory.
///
/// Two rules keep blocks from outliving the bytes they were made of. A page that has code loses the
/// right to be written to without asking, in all TLBs, before its first block is decoded; later
/// stores come here *after* they are in memory ([#written]). And a block's bytes are copied and the
/// block is entered under the page's lock, which [#written] takes too: either the copy has seen a
/// store, or the store sees the block.
///
/// Blocks are found without a lock. What a block is made of hangs on final fields, so that who
/// finds one sees all of it; that it is no longer valid is seen by whoever has read, by any ordered
/// load, what the other processor has stored after changing the code - an interrupt, or a flag
/// before a serialising instruction (SDM 3A, 9.1.3) - and, since all are kicked, soon by the rest.
///
/// A guest can make code without end, so there is a most that all blocks may weigh, and a most that
/// a page may have: beyond, all are dropped, as if their bytes had been stored to.
public final class CodeCache {
  /// How much of the heap's size decoded code may have.
  private static final int HEAP_SHARE = 3;

  private static final long WEIGHT_MOST = 512L << 20;

  /// Finding one of several at an offset takes time in proportion to their number.
  private static final int PAGE_BLOCKS_MOST = 4096;

  private final long weightMost;
  private final AtomicLong weight = new AtomicLong();
  private final ReentrantLock dropping = new ReentrantLock();
  private final AtomicReferenceArray<@Nullable CodePage> pages;
  private final WriteRights rights;
  private final Processors processors;

  /// @param ramBytes up to where RAM reaches
  /// @param processors those that run code from here
  public CodeCache(long ramBytes, Processors processors) {
    this(
        ramBytes, processors, Math.min(Runtime.getRuntime().maxMemory() / HEAP_SHARE, WEIGHT_MOST));
  }

  /// @param weightMost how many bytes of the heap its blocks may take, roughly
  CodeCache(long ramBytes, Processors processors, long weightMost) {
    this.weightMost = weightMost;
    int count = (int) (ramBytes >>> 12);
    this.pages = new AtomicReferenceArray<>(count);
    this.rights = new WriteRights(count);
    this.processors = processors;
  }

  private static int number(long gpa) {
    return (int) (gpa >>> 12);
  }

  public boolean hasCode(long gpa) {
    return page(gpa) != null;
  }

  @Nullable CodePage page(long gpa) {
    return pages.get(number(gpa));
  }

  /// Whether `cpu` may write to the page at `gpa` without asking. Either this sees the page opened,
  /// or who opens it sees that `cpu` is to be told.
  public boolean grantsWrite(Cpu cpu, long gpa) {
    if (hasCode(gpa)) {
      return false;
    }
    rights.note(cpu, number(gpa));
    return !hasCode(gpa);
  }

  /// The page at `gpa`, from now on watched. May wait for other processors, and serves `cpu`'s
  /// mailbox meanwhile.
  CodePage open(Cpu cpu, long gpa) {
    CodePage page = page(gpa);
    if (page == null) {
      CodePage made = new CodePage(gpa & Cpu.PAGE_MASK);
      CodePage earlier = pages.compareAndExchange(number(gpa), null, made);
      page = earlier == null ? made : earlier;
    }
    if (!page.isWatched()) {
      withdraw(cpu, gpa);
      page.watched();
    }
    return page;
  }

  private void withdraw(Cpu cpu, long gpa) {
    processors.tell(
        cpu,
        other -> rights.mayHave(other, number(gpa)),
        other -> other.tlb().protect(gpa & Cpu.PAGE_MASK));
  }

  /// Forgets the blocks that have the byte at `offset`.
  void drop(CodePage page, int offset) {
    synchronized (page) {
      int before = page.weight();
      boolean unused = page.invalidate(offset, offset + 1);
      count(page, before);
    }
  }

  /// A block of `page`, which is locked.
  Block keep(CodePage page, Block block) {
    assert Thread.holdsLock(page);
    int before = page.weight();
    if (page.blocks() >= PAGE_BLOCKS_MOST) {
      page.clear();
    }
    page.add(block);
    count(page, before);
    return block;
  }

  private void count(CodePage page, int before) {
    weight.addAndGet(page.weight() - before);
  }

  /// How many bytes of the heap its blocks take, roughly.
  public long weight() {
    return weight.get();
  }

  /// Drops everything if that is too much; who is inside a block leaves it. To be called with no
  /// page locked.
  void makeRoom() {
    if (weight.get() <= weightMost || !dropping.tryLock()) {
      return;
    }
    try {
      InvalidationEvent.note(0, (long) pages.length() << 12);
      for (int i = 0; i < pages.length(); i++) {
        CodePage page = pages.get(i);
        if (page != null) {
          clear(page);
        }
      }
    } finally {
      dropping.unlock();
    }
  }

  private void clear(CodePage page) {
    synchronized (page) {
      int before = page.weight();
      page.clear();
      count(page, before);
    }
  }

  /// That bytes of RAM have changed. Any thread.
  public void written(long gpa, long size) {
    // a device's stores are before the look for a page, as its opening is before the copy of bytes
    VarHandle.fullFence();
    long end = gpa + size;
    for (long at = gpa; at < end; at = (at & Cpu.PAGE_MASK) + 4096) {
      CodePage page = page(at);
      if (page != null) {
        changed(page, at, Math.min(end, (at & Cpu.PAGE_MASK) + 4096));
      }
    }
  }

  private void changed(CodePage page, long from, long to) {
    int first = (int) (from & 4095);
    int last = first + (int) (to - from);
    boolean dropped;
    synchronized (page) {
      int before = page.weight();
      dropped = page.mayHold(first, last) && page.invalidate(first, last);
      count(page, before);
    }
    if (dropped) {
      InvalidationEvent.note(from, to - from);
      processors.kickOthers();
    }
  }
}
