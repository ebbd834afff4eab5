package dev.javisor.x86.block;

/// What an executor has made of a block, and the ways that lead there.
public interface Translation {
  /// The block is no longer what memory holds. When this returns no way leads there any more. Who
  /// is inside leaves at the next block or kick, as with an interpreted one; the processor that has
  /// stored leaves behind its store.
  ///
  /// Called once, on any thread, with the block's and its page's lock held: may neither wait nor
  /// take one of those.
  void invalidated();
}
