package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.CodePage;
import dev.javisor.x86.state.Cpu;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The decoded code of a machine, by page of physical memory. A page that has code loses the right
/// to be written to without asking, in all TLBs, before its first block is decoded.
public final class CodeCache {
  private final AtomicReferenceArray<@Nullable CodePage> pages;
  private final List<Cpu> cpus = new CopyOnWriteArrayList<>();

  /// @param ramBytes up to where RAM reaches
  public CodeCache(long ramBytes) {
    pages = new AtomicReferenceArray<>((int) (ramBytes >>> 12));
  }

  /// From now on `cpu` runs code from here.
  public void join(Cpu cpu) {
    cpus.add(cpu);
  }

  public void leave(Cpu cpu) {
    cpus.remove(cpu);
  }

  public boolean hasCode(long gpa) {
    return pages.get((int) (gpa >>> 12)) != null;
  }

  @Nullable CodePage page(long gpa) {
    return pages.get((int) (gpa >>> 12));
  }

  /// The page at `gpa`, from now on watched.
  CodePage open(long gpa) {
    CodePage known = page(gpa);
    if (known != null) {
      return known;
    }
    synchronized (this) {
      CodePage opened = page(gpa);
      if (opened == null) {
        opened = new CodePage();
        pages.set((int) (gpa >>> 12), opened);
        for (Cpu cpu : cpus) {
          cpu.tlb().protect(gpa & Cpu.PAGE_MASK);
        }
      }
      return opened;
    }
  }

  /// Forgets the blocks that have the byte at `offset`.
  synchronized void drop(CodePage page, int offset) {
    page.invalidate(offset, offset + 1);
  }

  synchronized void add(CodePage page, Block block) {
    page.add(block);
  }

  /// That bytes of RAM have changed. Any thread.
  public void written(long gpa, long size) {
    long end = gpa + size;
    for (long at = gpa; at < end; at = (at & Cpu.PAGE_MASK) + 4096) {
      CodePage page = page(at);
      if (page != null) {
        changed(page, at, Math.min(end, (at & Cpu.PAGE_MASK) + 4096));
      }
    }
  }

  private synchronized void changed(CodePage page, long from, long to) {
    int first = (int) (from & 4095);
    int last = first + (int) (to - from);
    if (page.mayHold(first, last)) {
      page.invalidate(first, last);
    }
  }
}
