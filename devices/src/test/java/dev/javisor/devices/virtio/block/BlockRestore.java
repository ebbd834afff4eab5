package dev.javisor.devices.virtio.block;

import dev.javisor.devices.virtio.Activation;
import dev.javisor.devices.virtio.Activation.QueueSetup;
import dev.javisor.devices.virtio.RecordingInterrupts;
import dev.javisor.testkit.virtio.MemoryStore;
import dev.javisor.vmm.irq.SoftDoorbell;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The second life of a disk, in a JVM of its own: everything it knows it reads from the files
/// that the first one left. It serves what waits in the queue, of which nobody kicks it, and
/// writes guest memory back when `usedIndex` has arrived at the number given.
final class BlockRestore {
  private BlockRestore() {}

  /// `directory usedIndex descriptorTable availRing usedRing features`
  static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    byte[] ram = Files.readAllBytes(directory.resolve("memory"));
    MemorySegment flat = Arena.ofAuto().allocate(ram.length, 4096);
    flat.copyFrom(MemorySegment.ofArray(ram));
    FlatMemory memory = FlatMemory.of(ram.length, _ -> flat);
    byte[] disk = Files.readAllBytes(directory.resolve("disk"));
    MemoryStore store = new MemoryStore(disk.length, false);
    System.arraycopy(disk, 0, store.bytes, 0, disk.length);
    RecordingInterrupts interrupts = new RecordingInterrupts();
    BlockDevice device = new BlockDevice("blk", store, "serial", failure -> System.exit(3));
    device.load(new StateReader(Files.readAllBytes(directory.resolve("state"))));
    long usedRing = Long.parseLong(args[4]);
    QueueSetup queue =
        new QueueSetup(256, Long.parseLong(args[2]), Long.parseLong(args[3]), usedRing);
    device.activate(
        new Activation(
            Long.parseLong(args[5]), List.of(queue), memory, interrupts, new SoftDoorbell()));
    device.resume();
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (memory.loadIndex(usedRing + 2) != Integer.parseInt(args[1])
        || interrupts.used.get(0) == 0) {
      if (System.nanoTime() > deadline) {
        System.exit(4);
      }
      Thread.onSpinWait();
    }
    device.quiesce(deadline);
    StateWriter out = new StateWriter();
    device.save(out);
    Files.write(directory.resolve("state"), out.toByteArray());
    Files.write(directory.resolve("memory"), flat.toArray(ValueLayout.JAVA_BYTE));
    Files.write(directory.resolve("disk"), store.bytes);
  }
}
