package dev.javisor.testkit.virtio;

import dev.javisor.vmm.backend.BlockStore;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A disk in memory whose answers a test may hold back and give in any order. Any thread.
public final class MemoryStore implements BlockStore {
  private record Held(Request request, Completion completion) {}

  public final byte[] bytes;
  public final List<Request> requests = new CopyOnWriteArrayList<>();
  public volatile Outcome outcome = Outcome.OK;
  public volatile boolean closed;
  public volatile boolean joined = true;

  /// While set, requests are done only by [#answerFirst] and [#answerLast].
  public volatile boolean holding;

  private final boolean readOnly;
  private final ConcurrentLinkedDeque<Held> held = new ConcurrentLinkedDeque<>();

  public MemoryStore(int size, boolean readOnly) {
    this.bytes = new byte[size];
    this.readOnly = readOnly;
  }

  @Override
  public void submit(Request request, Completion completion) {
    requests.add(request);
    if (holding) {
      held.add(new Held(request, completion));
    } else {
      completion.done(perform(request));
    }
  }

  public int heldRequests() {
    return held.size();
  }

  public void answerFirst() {
    answer(held.pollFirst());
  }

  public void answerLast() {
    answer(held.pollLast());
  }

  private void answer(@Nullable Held one) {
    if (one == null) {
      throw new AssertionError("no request is held");
    }
    one.completion.done(perform(one.request));
  }

  private Outcome perform(Request request) {
    Outcome result = outcome;
    if (result == Outcome.OK) {
      act(request);
    }
    return result;
  }

  private void act(Request request) {
    MemorySegment disk = MemorySegment.ofArray(bytes);
    switch (request) {
      case Request.Read(long offset, List<MemorySegment> into) -> {
        long at = offset;
        for (MemorySegment part : into) {
          part.copyFrom(disk.asSlice(at, part.byteSize()));
          at += part.byteSize();
        }
      }
      case Request.Write(long offset, List<MemorySegment> from) -> {
        long at = offset;
        for (MemorySegment part : from) {
          disk.asSlice(at, part.byteSize()).copyFrom(part);
          at += part.byteSize();
        }
      }
      case Request.Flush _ -> {}
      case Request.Discard(long offset, long length) -> disk.asSlice(offset, length).fill((byte) 0);
      case Request.WriteZeroes(long offset, long length, boolean _) ->
          disk.asSlice(offset, length).fill((byte) 0);
    }
  }

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  @Override
  public boolean readOnly() {
    return readOnly;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public boolean join(long millis) {
    return joined;
  }
}
