package dev.javisor.images.disk;

import dev.javisor.vmm.backend.BlockStore;
import dev.javisor.vmm.backend.HostFile;
import dev.javisor.vmm.machine.MachineThread;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// A raw image: byte n of the disk is byte n of the file. Each request is done by one of a few
/// threads, so that a slow one does not hold up the others; a request's answer comes from there.
public final class RawImage implements BlockStore {
  private static final int SECTOR_BYTES = 512;

  private final HostFile file;
  private final String name;
  private final long sizeBytes;
  private final Consumer<String> complaints;
  private final LinkedBlockingQueue<Runnable> jobs = new LinkedBlockingQueue<>();
  private final AtomicBoolean complained = new AtomicBoolean();
  private final AtomicInteger threadsLeft;
  private final CountDownLatch fileClosed = new CountDownLatch(1);
  private boolean closed; // guarded by this

  /// @param file belongs to the image from now on
  /// @param name for threads and complaints: what the user calls the image
  /// @param threads how many requests may be under way at the host, 1 or more
  /// @param complaints takes one line about the first request that failed, on a thread of ours
  /// @param onFailure told of what is thrown that is not the file's fault
  /// @throws IOException if the file's size cannot be had
  public RawImage(
      HostFile file,
      String name,
      int threads,
      Consumer<String> complaints,
      Consumer<Throwable> onFailure)
      throws IOException {
    this.file = file;
    this.name = name;
    this.complaints = complaints;
    // Up: the tail of a file that ends inside a sector reads on as zero.
    this.sizeBytes = (file.sizeBytes() + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
    this.threadsLeft = new AtomicInteger(threads);
    for (int i = 0; i < threads; i++) {
      MachineThread.start(name + "-io" + i, this::work, onFailure);
    }
  }

  @Override
  public void submit(Request request, Completion completion) {
    synchronized (this) {
      if (!closed) {
        jobs.add(() -> completion.done(perform(request)));
        return;
      }
    }
    completion.done(Outcome.IO_ERROR);
  }

  private Outcome perform(Request request) {
    try {
      switch (request) {
        case Request.Read(long offset, List<MemorySegment> into) -> read(offset, into);
        case Request.Write(long offset, List<MemorySegment> from) -> write(offset, from);
        case Request.Flush _ -> file.sync();
        case Request.Discard(long offset, long length) -> file.punchHole(offset, length);
        case Request.WriteZeroes(long offset, long length, boolean unmap) ->
            zero(offset, length, unmap);
      }
      return Outcome.OK;
    } catch (UnsupportedOperationException e) {
      return Outcome.UNSUPPORTED;
    } catch (IOException e) {
      complain(request, e);
      return Outcome.IO_ERROR;
    }
  }

  private void read(long offset, List<MemorySegment> into) throws IOException {
    long at = offset;
    for (MemorySegment part : into) {
      file.read(at, part);
      at += part.byteSize();
    }
  }

  private void write(long offset, List<MemorySegment> from) throws IOException {
    long at = offset;
    for (MemorySegment part : from) {
      file.write(at, part);
      at += part.byteSize();
    }
  }

  private void zero(long offset, long length, boolean unmap) throws IOException {
    if (unmap) {
      file.punchHole(offset, length);
    } else {
      file.zeroRange(offset, length);
    }
  }

  /// The guest sees every error; whoever runs it, one line.
  private void complain(Request request, IOException failure) {
    if (complained.compareAndSet(false, true)) {
      complaints.accept(
          "disk %s: %s failed: %s; the guest sees I/O errors"
              .formatted(name, kind(request), failure.getMessage()));
    }
  }

  private static String kind(Request request) {
    return switch (request) {
      case Request.Read read -> "read at " + read.offset();
      case Request.Write write -> "write at " + write.offset();
      case Request.Flush _ -> "flush";
      case Request.Discard discard -> "discard at " + discard.offset();
      case Request.WriteZeroes zeroes -> "write of zeroes at " + zeroes.offset();
    };
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean readOnly() {
    return file.readOnly();
  }

  /// What was submitted is still done and answered; the file closes behind the last of it.
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      int threads = threadsLeft.get();
      for (int i = 0; i < threads; i++) {
        jobs.add(END);
      }
    }
  }

  private static final Runnable END = () -> {};

  private void work() {
    while (true) {
      Runnable job = take();
      if (job == END) {
        break;
      }
      job.run();
    }
    if (threadsLeft.decrementAndGet() == 0) {
      file.close();
      fileClosed.countDown();
    }
  }

  @Override
  public boolean join(long millis) {
    try {
      return fileClosed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Runnable take() {
    while (true) {
      try {
        return jobs.take();
      } catch (InterruptedException e) {
        // nobody interrupts machine threads; one that was must not leave requests unanswered
      }
    }
  }
}
