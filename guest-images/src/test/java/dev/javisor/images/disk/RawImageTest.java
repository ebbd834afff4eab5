package dev.javisor.images.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.backend.BlockStore;
import dev.javisor.vmm.backend.BlockStore.Outcome;
import dev.javisor.vmm.backend.BlockStore.Request;
import dev.javisor.vmm.backend.HostFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RawImageTest {
  private static final long HANG_SECONDS = 30;

  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  private RawImage image(HostFile file) throws IOException {
    return new RawImage(file, "disk.img", 2, complaints::add, failures::add);
  }

  private static CompletableFuture<Outcome> submit(BlockStore image, Request request) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    image.submit(request, outcome::complete);
    return outcome;
  }

  private static Outcome run(BlockStore image, Request request) {
    return submit(image, request).orTimeout(HANG_SECONDS, TimeUnit.SECONDS).join();
  }

  private static MemorySegment bytes(int size, int seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    MemorySegment segment = Arena.ofAuto().allocate(size);
    segment.copyFrom(MemorySegment.ofArray(bytes));
    return segment;
  }

  @Test
  void whatWasWrittenInPartsReadsBackInOthers() throws IOException {
    MemoryFile file = new MemoryFile(1 << 16);
    try (RawImage image = image(file)) {
      MemorySegment data = bytes(2048, 1);
      List<MemorySegment> parts = List.of(data.asSlice(0, 100), data.asSlice(100));
      assertEquals(Outcome.OK, run(image, new Request.Write(4096, parts)));
      MemorySegment back = Arena.ofAuto().allocate(2048);
      List<MemorySegment> others = List.of(back.asSlice(0, 1500), back.asSlice(1500));
      assertEquals(Outcome.OK, run(image, new Request.Read(4096, others)));
      assertEquals(-1, data.mismatch(back));
    }
  }

  @Test
  void eachRequestIsItsCallOnTheFile() throws IOException {
    MemoryFile file = new MemoryFile(1 << 16);
    try (RawImage image = image(file)) {
      run(image, new Request.Flush());
      run(image, new Request.Discard(512, 1024));
      run(image, new Request.WriteZeroes(1024, 512, true));
      run(image, new Request.WriteZeroes(2048, 512, false));
      assertEquals(
          List.of("sync 0 0", "punch 512 1024", "punch 1024 512", "zero 2048 512"), file.calls);
    }
  }

  @Test
  void aFullDiskIsAnErrorForTheGuestAndOneLineOutside() throws IOException {
    MemoryFile file = new MemoryFile(1 << 16);
    file.failure = new IOException("No space left on device");
    try (RawImage image = image(file)) {
      Request write = new Request.Write(512, List.of(bytes(512, 2)));
      assertEquals(Outcome.IO_ERROR, run(image, write));
      assertEquals(Outcome.IO_ERROR, run(image, new Request.Flush()));
      assertEquals(
          List.of(
              "disk disk.img: write at 512 failed: No space left on device; "
                  + "the guest sees I/O errors"),
          complaints);
      file.failure = null;
      assertEquals(Outcome.OK, run(image, write));
      assertEquals(List.of(), failures);
    }
  }

  @Test
  void whatTheHostCannotIsUnsupportedAndNoComplaint() throws IOException {
    MemoryFile file = new MemoryFile(1 << 16);
    file.holes = false;
    try (RawImage image = image(file)) {
      assertEquals(Outcome.UNSUPPORTED, run(image, new Request.Discard(0, 512)));
      assertEquals(Outcome.UNSUPPORTED, run(image, new Request.WriteZeroes(0, 512, false)));
      assertEquals(List.of(), complaints);
    }
  }

  @Test
  void theTailInsideASectorBelongsToTheDisk() throws IOException {
    MemoryFile file = new MemoryFile(1000);
    file.bytes[999] = 42;
    try (RawImage image = image(file)) {
      assertEquals(1024, image.sizeBytes());
      MemorySegment back = bytes(512, 3);
      assertEquals(Outcome.OK, run(image, new Request.Read(512, List.of(back))));
      assertEquals(42, back.get(ValueLayout.JAVA_BYTE, 999 - 512));
      assertEquals(0, back.get(ValueLayout.JAVA_BYTE, 511));
    }
  }

  @Test
  void aSlowRequestDoesNotHoldUpTheNext() throws Exception {
    CountDownLatch second = new CountDownLatch(1);
    MemoryFile file = new MemoryFile(1 << 16);
    try (RawImage image = image(file)) {
      CompletableFuture<Outcome> first = new CompletableFuture<>();
      image.submit(
          new Request.Flush(),
          outcome -> {
            try {
              assertTrue(second.await(HANG_SECONDS, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            first.complete(outcome);
          });
      image.submit(new Request.Flush(), outcome -> second.countDown());
      assertEquals(Outcome.OK, first.get(HANG_SECONDS, TimeUnit.SECONDS));
    }
  }

  @Test
  void closeAnswersWhatWasSubmittedAndThenClosesTheFile() throws Exception {
    MemoryFile file = new MemoryFile(1 << 16);
    RawImage image = image(file);
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(submit(image, new Request.Write(512L * i, List.of(bytes(512, i)))));
    }
    image.close();
    image.close();
    assertEquals(Outcome.IO_ERROR, run(image, new Request.Flush()), "too late");
    for (CompletableFuture<Outcome> answer : answers) {
      assertEquals(Outcome.OK, answer.get(HANG_SECONDS, TimeUnit.SECONDS));
    }
    assertTrue(image.join(HANG_SECONDS * 1000));
    assertTrue(file.closed);
    assertFalse(file.calls.contains("sync 0 0"));
  }

  @Test
  void joinSaysWhetherTheFileIsClosed() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    RawImage image = image(new MemoryFile(512));
    image.submit(new Request.Flush(), outcome -> awaitQuietly(answered));
    image.close();
    assertFalse(image.join(20));
    answered.countDown();
    assertTrue(image.join(HANG_SECONDS * 1000));
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void ourOwnFailuresAreTold() throws Exception {
    try (RawImage image = image(new MemoryFile(512))) {
      image.submit(
          new Request.Flush(),
          outcome -> {
            throw new IllegalStateException("a bug");
          });
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
      while (failures.isEmpty() && System.nanoTime() < deadline) {
        Thread.sleep(1);
      }
      assertEquals("a bug", failures.get(0).getMessage());
    }
  }

  @Test
  void aTrueFileKeepsWhatWasWritten(@TempDir Path directory) throws IOException {
    Path path = directory.resolve("disk.img");
    Files.write(path, new byte[1 << 20]);
    MemorySegment data = bytes(1 << 16, 4);
    try (RawImage image = image(new ChannelFile(path))) {
      assertEquals(Outcome.OK, run(image, new Request.Write(8192, List.of(data))));
      assertEquals(Outcome.OK, run(image, new Request.Flush()));
    }
    byte[] file = Files.readAllBytes(path);
    assertEquals(1 << 20, file.length);
    assertArrayEquals(
        data.toArray(ValueLayout.JAVA_BYTE),
        java.util.Arrays.copyOfRange(file, 8192, 8192 + 65536));
  }
}
