package dev.javisor.devices.virtio.queue;

import dev.javisor.devices.virtio.Activation.QueueSetup;
import dev.javisor.devices.virtio.VirtioFeatures;
import dev.javisor.vmm.memory.GuestFault;
import dev.javisor.vmm.memory.GuestMemory;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The device's side of one split virtqueue (virtio 1.3, 2.7). One thread owns it.
///
/// A driver that breaks the rules gets a [GuestFault], after which the queue is not to be polled
/// again until a reset: its device asks for one (virtio 1.3, 2.1.2). If the offending chain's
/// head is a descriptor at all, it was returned first, as used with length 0, so that it does
/// not leak.
public final class Virtqueue {
  /// More than any device offers or Linux asks for; virtio 1.3, 2.7 ends there too.
  public static final int SIZE_MAX = 32768;

  private static final int USED_F_NO_NOTIFY = 1;
  private static final int AVAIL_F_NO_INTERRUPT = 1;
  private static final int FLAGS = 0;
  private static final int INDEX = 2;
  private static final int RING = 4;
  private static final int AVAIL_ENTRY_BYTES = 2;
  private static final int USED_ENTRY_BYTES = 8;
  private static final int NOWHERE = -1;

  private final GuestMemory memory;
  private final int size;
  private final boolean eventIdx;
  private final ChainReader chains;
  private final long availRing;
  private final long usedRing;
  private final ByteBuffer avail;
  private final ByteBuffer used;

  private int nextAvail; // u16, counts what was polled
  private int usedIndex; // u16, counts what was completed
  private int inFlight;
  private long unannounced; // completed since the last takeInterruptRequest
  private boolean announceAnyway;
  private boolean kicksPaused;
  private int kickAt = NOWHERE; // the index whose chain comes with a kick, as last asked for

  /// @param features what was negotiated
  /// @throws GuestFault if the rings are misplaced, misaligned or of an impossible size
  ///     (virtio 1.3, 2.7)
  public Virtqueue(GuestMemory memory, QueueSetup setup, long features) {
    this.size = setup.size();
    if (size < 1 || size > SIZE_MAX || Integer.bitCount(size) != 1) {
      throw new GuestFault("a queue of " + size + " entries");
    }
    aligned("descriptor table", setup.descriptorTable(), 16);
    aligned("available ring", setup.availRing(), 2);
    aligned("used ring", setup.usedRing(), 4);
    this.memory = memory;
    this.eventIdx = (features & VirtioFeatures.VIRTIO_F_EVENT_IDX) != 0;
    this.availRing = setup.availRing();
    this.usedRing = setup.usedRing();
    this.avail = memory.readableBytes(availRing, RING + (long) AVAIL_ENTRY_BYTES * size + 2);
    this.used = memory.writableBytes(usedRing, RING + (long) USED_ENTRY_BYTES * size + 2);
    boolean indirect = (features & VirtioFeatures.VIRTIO_F_INDIRECT_DESC) != 0;
    this.chains = new ChainReader(memory, setup.descriptorTable(), size, indirect);
  }

  private static void aligned(String what, long gpa, int bytes) {
    if ((gpa & (bytes - 1)) != 0) {
      throw new GuestFault("%s at 0x%x: not %d-aligned".formatted(what, gpa, bytes));
    }
  }

  public int size() {
    return size;
  }

  /// How many chains were polled and not yet completed.
  public int inFlight() {
    return inFlight;
  }

  /// The next available chain (virtio 1.3, 2.7.6), or null.
  ///
  /// @throws GuestFault if the ring or the chain is nonsense
  public @Nullable DescriptorChain poll() {
    // Acquire: the ring entry and the descriptors were written before this index.
    int waiting = (memory.loadIndex(availRing + INDEX) - nextAvail) & 0xFFFF;
    if (waiting == 0) {
      return null;
    }
    if (waiting > size) {
      // Believing it would have us walk the same entries up to 65535 times.
      throw new GuestFault("%d chains available in a queue of %d".formatted(waiting, size));
    }
    if (inFlight == size) {
      // Only by reusing heads we still hold; unbounded if we went along.
      throw new GuestFault("more chains in flight than the queue's " + size);
    }
    int slot = nextAvail & (size - 1);
    int head = avail.getShort(RING + AVAIL_ENTRY_BYTES * slot) & 0xFFFF;
    if (head >= size) {
      throw new GuestFault("available head %d in a queue of %d".formatted(head, size));
    }
    nextAvail = (nextAvail + 1) & 0xFFFF;
    inFlight++;
    return read(head);
  }

  private DescriptorChain read(int head) {
    try {
      return chains.read(head);
    } catch (GuestFault nonsense) {
      putUsed(head, 0);
      publish();
      throw nonsense;
    }
  }

  /// Hands a chain back (virtio 1.3, 2.7.8), in any order; its length is what was written of its
  /// device-writable part without a gap from its start. The one place where a device's writes to
  /// guest memory are reported.
  public void complete(DescriptorChain chain) {
    complete(List.of(chain));
  }

  /// Hands back several chains that the driver must see at once (virtio 1.3, 5.1.6.4).
  public void complete(List<DescriptorChain> chainsAtOnce) {
    for (DescriptorChain chain : chainsAtOnce) {
      chain.close(memory);
      putUsed(chain.head(), (int) chain.writtenPrefix());
    }
    publish();
  }

  private void putUsed(int head, int length) {
    assert inFlight > 0;
    int entry = RING + USED_ENTRY_BYTES * (usedIndex & (size - 1));
    used.putInt(entry, head);
    used.putInt(entry + 4, length);
    memory.written(usedRing + entry, USED_ENTRY_BYTES);
    usedIndex = (usedIndex + 1) & 0xFFFF;
    inFlight--;
    unannounced++;
  }

  private void publish() {
    // Release: the data and the entries are visible before the index that publishes them.
    memory.storeIndex(usedRing + INDEX, usedIndex);
  }

  /// Whether to interrupt now (virtio 1.3, 2.7.7). Asking counts: false again until something
  /// else was completed. After [#load] the first answer is true, in case an interrupt was lost.
  public boolean takeInterruptRequest() {
    if (announceAnyway) {
      announceAnyway = false;
      unannounced = 0;
      return true;
    }
    if (unannounced == 0) {
      return false;
    }
    // Full: the driver enables interrupts, then looks at the used index; we publish the used
    // index, then look whether interrupts are enabled. Without a fence both could see the old.
    VarHandle.fullFence();
    boolean wanted = eventIdx ? crossedUsedEvent() : !interruptsOff();
    unannounced = 0;
    return wanted;
  }

  /// `vring_need_event` (virtio 1.3, 2.7.7.2): the used event lies among the entries completed
  /// since we last asked. The distance is a u16, so that it survives the wrap; the count is not,
  /// so that completing all the way round crosses every event.
  private boolean crossedUsedEvent() {
    int usedEvent = memory.loadIndex(availRing + RING + (long) AVAIL_ENTRY_BYTES * size);
    return ((usedIndex - usedEvent - 1) & 0xFFFF) < unannounced;
  }

  private boolean interruptsOff() {
    return (memory.loadIndex(availRing + FLAGS) & AVAIL_F_NO_INTERRUPT) != 0;
  }

  /// Asks the driver not to kick while we look anyway (virtio 1.3, 2.7.10). With event indices
  /// there is nothing to do: an event that stays behind is not crossed again.
  public void pauseKicks() {
    if (!eventIdx && !kicksPaused) {
      kicksPaused = true;
      memory.storeIndex(usedRing + FLAGS, USED_F_NO_NOTIFY);
    }
  }

  /// Asks for a kick with the next chain, unless that was asked for before.
  ///
  /// @return true if one slipped in meanwhile, whose kick may have been suppressed: poll once more
  public boolean resumeKicks() {
    if (eventIdx && kickAt != nextAvail) {
      kickAt = nextAvail;
      askForKick(usedRing + RING + (long) USED_ENTRY_BYTES * size, nextAvail);
    } else if (kicksPaused) {
      kicksPaused = false;
      askForKick(usedRing + FLAGS, 0);
    }
    return memory.loadIndex(availRing + INDEX) != nextAvail;
  }

  private void askForKick(long gpa, int value) {
    memory.storeIndex(gpa, value);
    // Full: the mirror image of the race in takeInterruptRequest.
    VarHandle.fullFence();
  }

  /// Writes where the queue stands: one index, since every chain polled was completed or is in
  /// flight, and those in flight count as never polled. A device that still holds some must hold
  /// the latest ones, and meets them again after [#load].
  public void save(StateWriter out) {
    assert ((nextAvail - inFlight) & 0xFFFF) == usedIndex;
    out.putShort(usedIndex);
  }

  /// Continues a queue where [#save] found it.
  public void load(StateReader in) {
    usedIndex = in.getShort();
    nextAvail = usedIndex;
    inFlight = 0;
    announceAnyway = true;
    kickAt = NOWHERE;
    kicksPaused = !eventIdx && (used.getShort(FLAGS) & USED_F_NO_NOTIFY) != 0;
  }
}
