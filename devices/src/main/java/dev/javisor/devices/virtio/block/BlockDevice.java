package dev.javisor.devices.virtio.block;

import dev.javisor.devices.virtio.Activation;
import dev.javisor.devices.virtio.ConfigSpace;
import dev.javisor.devices.virtio.block.BlockRequest.Extent;
import dev.javisor.devices.virtio.queue.DescriptorChain;
import dev.javisor.devices.virtio.queue.Virtqueue;
import dev.javisor.devices.virtio.worker.QueueDevice;
import dev.javisor.vmm.backend.BlockStore;
import dev.javisor.vmm.backend.BlockStore.Outcome;
import dev.javisor.vmm.backend.BlockStore.Request;
import dev.javisor.vmm.memory.GuestFault;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/// virtio-blk (virtio 1.3, 5.2): a disk. Requests go to the store as they come and return in the
/// order in which it answers.
public final class BlockDevice extends QueueDevice {
  static final long F_SEG_MAX = 1L << 2;
  static final long F_RO = 1L << 5;
  static final long F_BLK_SIZE = 1L << 6;
  static final long F_FLUSH = 1L << 9;
  static final long F_TOPOLOGY = 1L << 10;
  static final long F_DISCARD = 1L << 13;
  static final long F_WRITE_ZEROES = 1L << 14;

  private static final int DEVICE_ID = 2;
  private static final int QUEUES = 1;
  private static final int QUEUE_SIZE = 256;

  /// Header and status take two. Without it Linux sends one segment a request.
  private static final int SEG_MAX = QUEUE_SIZE - 2;

  private static final int CONFIG_BYTES = 60;
  private static final int SECTOR_BYTES = 512;
  private static final int PHYSICAL_BLOCK_EXP = 3; // 4096 bytes
  private static final int DISCARD_ALIGNMENT_SECTORS = 8;

  private final BlockStore store;
  private final MemorySegment id;
  private BlockRequestParser parser;
  private int inFlight; // at the store
  private boolean capacityChanged;

  /// @param name for threads and reports
  /// @param serial what the guest reads as the disk's ID, cut to 20 bytes of ASCII
  /// @param onFailure ends the machine
  public BlockDevice(String name, BlockStore store, String serial, Consumer<Throwable> onFailure) {
    super(name, sizes(), describe(store), onFailure);
    this.store = store;
    this.id =
        MemorySegment.ofArray(
            Arrays.copyOf(serial.getBytes(StandardCharsets.US_ASCII), BlockRequestParser.ID_BYTES));
    this.parser = parserFor(0);
  }

  private static int[] sizes() {
    int[] sizes = new int[QUEUES];
    Arrays.fill(sizes, QUEUE_SIZE);
    return sizes;
  }

  /// `struct virtio_blk_config` (virtio 1.3, 5.2.4).
  private static ConfigSpace describe(BlockStore store) {
    return new ConfigSpace(CONFIG_BYTES)
        .put64(0, store.sizeBytes() / SECTOR_BYTES)
        .put32(12, SEG_MAX)
        .put32(20, SECTOR_BYTES) // blk_size
        .put8(24, PHYSICAL_BLOCK_EXP)
        .put16(26, 1 << PHYSICAL_BLOCK_EXP) // min_io_size, in blocks
        .put16(34, QUEUES)
        .put32(36, BlockRequestParser.EXTENT_SECTORS_MAX) // max_discard_sectors
        .put32(40, BlockRequestParser.EXTENTS_MAX) // max_discard_seg
        .put32(44, DISCARD_ALIGNMENT_SECTORS)
        .put32(48, BlockRequestParser.EXTENT_SECTORS_MAX) // max_write_zeroes_sectors
        .put32(52, BlockRequestParser.EXTENTS_MAX) // max_write_zeroes_seg
        .put8(56, 1); // write_zeroes_may_unmap
  }

  private BlockRequestParser parserFor(long features) {
    return new BlockRequestParser(
        store.sizeBytes() / SECTOR_BYTES,
        store.readOnly(),
        (features & F_DISCARD) != 0,
        (features & F_WRITE_ZEROES) != 0);
  }

  @Override
  protected void driverReady(Activation activation) {
    parser = parserFor(activation.features());
  }

  @Override
  protected void serve() {
    for (int index = 0; index < QUEUES; index++) {
      drain(index, this::accept);
    }
  }

  private void accept(Virtqueue queue, DescriptorChain chain) {
    Answer answer = new Answer(queue, chain);
    switch (parse(queue, chain)) {
      case BlockRequest.Read read -> {
        List<MemorySegment> into = chain.writable(0, read.length());
        submit(new Request.Read(read.offset(), into), outcome -> finishRead(answer, read, outcome));
      }
      case BlockRequest.Write write -> {
        List<MemorySegment> from = chain.readable(BlockRequestParser.HEADER_BYTES, write.length());
        submit(new Request.Write(write.offset(), from), outcome -> finishWrite(answer, outcome));
      }
      case BlockRequest.Flush _ -> submit(new Request.Flush(), answer::finish);
      case BlockRequest.GetId _ -> {
        chain.write(0, id);
        answer.finish(BlockRequest.S_OK);
      }
      case BlockRequest.Discard(var extents) ->
          submitAll(
              answer, extents, extent -> new Request.Discard(extent.offset(), extent.length()));
      case BlockRequest.WriteZeroes(var extents) ->
          submitAll(
              answer,
              extents,
              extent -> new Request.WriteZeroes(extent.offset(), extent.length(), extent.unmap()));
      case BlockRequest.Refused(int status) -> answer.finish(status);
    }
  }

  private BlockRequest parse(Virtqueue queue, DescriptorChain chain) {
    try {
      return parser.parse(chain);
    } catch (GuestFault nonsense) {
      queue.complete(chain); // nobody to tell, but the head must come back
      throw nonsense;
    }
  }

  /// The store may answer at once, or on any thread; `then` runs on the worker.
  private void submit(Request request, Consumer<Outcome> then) {
    inFlight++;
    store.submit(
        request,
        outcome ->
            post(
                () -> {
                  inFlight--;
                  then.accept(outcome);
                }));
  }

  private void submitAll(Answer answer, List<Extent> extents, Function<Extent, Request> request) {
    answer.parts = extents.size();
    for (Extent extent : extents) {
      submit(request.apply(extent), answer::finish);
    }
  }

  private static void finishRead(Answer answer, BlockRequest.Read read, Outcome outcome) {
    if (outcome != Outcome.OK) {
      answer.chain.notWritten(0, read.length());
    }
    answer.finish(outcome);
  }

  /// A driver without `VIRTIO_BLK_F_FLUSH` takes the disk for one that writes through
  /// (virtio 1.3, 5.2.5.2), so to it a write ends when it is on stable storage.
  private void finishWrite(Answer answer, Outcome outcome) {
    if (outcome == Outcome.OK && driver() != null && !negotiated(F_FLUSH)) {
      submit(new Request.Flush(), answer::finish);
    } else {
      answer.finish(outcome);
    }
  }

  @Override
  protected boolean idle() {
    return inFlight == 0;
  }

  @Override
  protected void closeBackEnd() {
    store.close();
  }

  @Override
  protected boolean joinBackEnd(long millis) {
    return store.join(millis);
  }

  @Override
  public int deviceId() {
    return DEVICE_ID;
  }

  @Override
  public long features() {
    long always = F_SEG_MAX | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY;
    return always | (store.readOnly() ? F_RO : F_DISCARD | F_WRITE_ZEROES);
  }

  @Override
  protected void saveFields(StateWriter out) {
    assert inFlight == 0;
    out.putLong(store.sizeBytes());
  }

  /// A restored machine may be given another disk: the guest is told of the new size.
  @Override
  protected void loadFields(StateReader in) {
    capacityChanged = in.getLong() != store.sizeBytes();
  }

  @Override
  protected void resuming() {
    if (capacityChanged) {
      capacityChanged = false;
      configChanged();
    }
  }

  /// A request on its way back. Of the worker's.
  private final class Answer {
    final Virtqueue queue;
    final DescriptorChain chain;
    int parts = 1;
    private int status = BlockRequest.S_OK;

    Answer(Virtqueue queue, DescriptorChain chain) {
      this.queue = queue;
      this.chain = chain;
    }

    void finish(Outcome outcome) {
      finish(
          switch (outcome) {
            case OK -> BlockRequest.S_OK;
            case IO_ERROR -> BlockRequest.S_IOERR;
            case UNSUPPORTED -> BlockRequest.S_UNSUPP;
          });
    }

    /// One part is done; with the last one the status byte, the first failure, goes back.
    void finish(int partStatus) {
      status = status == BlockRequest.S_OK ? partStatus : status;
      parts--;
      if (parts == 0 && driver() != null) {
        chain.write(chain.writableBytes() - 1, MemorySegment.ofArray(new byte[] {(byte) status}));
        queue.complete(chain);
      }
    }
  }
}
