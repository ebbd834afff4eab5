package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.CodePage;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Processors;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;
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
public final class CodeCache {
  private final AtomicReferenceArray<@Nullable CodePage> pages;
  private final WriteRights rights;
  private final Processors processors;

  /// @param ramBytes up to where RAM reaches
  /// @param processors those that run code from here
  public CodeCache(long ramBytes, Processors processors) {
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
  static void drop(CodePage page, int offset) {
    synchronized (page) {
      boolean unused = page.invalidate(offset, offset + 1);
    }
  }

  /// A block of `page`, which is locked.
  static Block keep(CodePage page, Block block) {
    assert Thread.holdsLock(page);
    page.add(block);
    return block;
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
      dropped = page.mayHold(first, last) && page.invalidate(first, last);
    }
    if (dropped) {
      processors.kickOthers();
    }
  }
}
