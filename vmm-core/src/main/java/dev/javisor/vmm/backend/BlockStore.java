package dev.javisor.vmm.backend;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// A disk's far end. Sizes and offsets are bytes; offsets and lengths are multiples of 512 and lie
/// inside [#sizeBytes]: the caller has checked. Requests may be answered in any order, on any
/// thread, also from within [#submit]; a completed write is in the store's cache, a completed flush
/// covers every write completed before it was submitted.
public interface BlockStore extends AutoCloseable {

  /// What is asked. The segments belong to the store until it answers, and are never empty.
  sealed interface Request {
    /// Fill `into` from `offset` on.
    record Read(long offset, List<MemorySegment> into) implements Request {}

    record Write(long offset, List<MemorySegment> from) implements Request {}

    /// Everything completed so far is on stable storage when this completes.
    record Flush() implements Request {}

    /// The bytes are of no more interest; afterwards they read as anything, usually zero.
    record Discard(long offset, long length) implements Request {}

    /// The bytes read as zero afterwards; `unmap` allows giving their space back.
    record WriteZeroes(long offset, long length, boolean unmap) implements Request {}
  }

  /// How a request ended.
  enum Outcome {
    OK,
    IO_ERROR,
    /// The store cannot do this kind of request at all.
    UNSUPPORTED
  }

  /// Called exactly once a request, on a thread of the store's. Must not block.
  @FunctionalInterface
  interface Completion {
    void done(Outcome outcome);
  }

  void submit(Request request, Completion completion);

  long sizeBytes();

  boolean readOnly();

  /// Ends the store's threads; requests in flight may be answered or not. Never waits for them.
  @Override
  void close();

  /// Waits after [#close], at most `millis`, until another may open what this one had.
  ///
  /// @return false if it still holds it then
  default boolean join(long millis) {
    return true;
  }
}
