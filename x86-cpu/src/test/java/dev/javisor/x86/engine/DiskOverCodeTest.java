package dev.javisor.x86.engine;

import static dev.javisor.testkit.asm.Register.R8;
import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBP;
import static dev.javisor.testkit.asm.Register.RDI;
import static dev.javisor.testkit.asm.Register.RSI;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.devices.virtio.Activation;
import dev.javisor.devices.virtio.Activation.QueueSetup;
import dev.javisor.devices.virtio.VirtioFeatures;
import dev.javisor.devices.virtio.VirtioInterrupts;
import dev.javisor.devices.virtio.block.BlockDevice;
import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.testkit.virtio.MemoryStore;
import dev.javisor.testkit.virtio.MockDriver;
import dev.javisor.testkit.virtio.MockDriver.Part;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.irq.SoftDoorbell;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A guest that has a disk read over a page of code which it has just executed. The device is the
/// real one, with its thread; the guest learns by nothing but the queue's index that it is done.
final class DiskOverCodeTest {
  private static final int ROUNDS = 200;

  private static final int PAGE = 4096;
  private static final int QUEUE = 0x60000;
  private static final int QUEUE_SIZE = 16;
  private static final int HEADER = 0x68000;
  private static final int STATUS = 0x69000;
  private static final int CODE = 0x70000;
  private static final int SAID = 0x12;

  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final SoftDoorbell kicks = new SoftDoorbell();

  @Test
  void aDiskReadThatReplacesCodeWhichHasJustBeenExecutedIsSeen() {
    MemoryStore disk = new MemoryStore((ROUNDS + 1) * PAGE, true);
    BlockDevice device = new BlockDevice("disk", disk, "disk", failure::set);
    try (SoftwareHypervisor engine = new SoftwareHypervisor();
        PayloadGuest guest = PayloadGuest.of(engine, readAndCall())) {
      FlatMemory memory = FlatMemory.of(PayloadGuest.RAM_BYTES, _ -> guest.ram());
      memory.subscribe(guest.vm()::written);
      MockDriver driver = new MockDriver(memory, QUEUE, QUEUE_SIZE, false);
      device.activate(activation(memory, driver));
      for (int i = 0; i <= ROUNDS; i++) {
        byte[] page = page(i);
        System.arraycopy(page, 0, disk.bytes, i * PAGE, PAGE);
      }
      guest.put(CODE, page(0));
      for (int i = 0; i < ROUNDS; i++) {
        assertEquals(i & 0xFF, guest.runToOut(SAID), "round " + i);
        guest.run(VmExit.MmioWrite.class);
        read(guest, driver, i + 1);
      }
      assertEquals(ROUNDS & 0xFF, guest.runToOut(SAID), "the last round");
      assertEquals(null, failure.get());
    } finally {
      device.close();
      device.join(10_000);
    }
  }

  /// Calls the page, asks for a new one, waits for it, and once more.
  private static LongMode readAndCall() {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE).mov(R8, 1).mov(RBP, CODE);
    code.mov(RDI, PayloadGuest.NOWHERE).mov(RSI, usedIndex());
    code.label("again").call(RBP).store(4, RDI, 0, RAX);
    code.label("wait").load(2, RAX, RSI, 0).xor(RAX, R8).jnz("wait");
    return code.bytes(0x0F, 0xA2).inc(R8).jmp("again"); // cpuid, to serialise
  }

  /// Where [MockDriver] has the used ring's index.
  private static int usedIndex() {
    int availEnd = QUEUE + 16 * QUEUE_SIZE + 6 + 2 * QUEUE_SIZE;
    return ((availEnd + 3) & ~3) + 2;
  }

  /// `mov al, value; out SAID, al; ret` behind a slide of `nop`s as long as `value`, so that no
  /// instruction stays where it was.
  private static byte[] page(int value) {
    byte[] page = new byte[PAGE];
    int slide = value & 0xFF;
    java.util.Arrays.fill(page, 0, slide, (byte) 0x90);
    byte[] code = new LongMode(0).movAl(slide).outAl(SAID).ret().assemble();
    System.arraycopy(code, 0, page, slide, code.length);
    return page;
  }

  private Activation activation(GuestMemory memory, MockDriver driver) {
    QueueSetup setup =
        new QueueSetup(QUEUE_SIZE, driver.descriptorTable(), driver.availRing(), driver.usedRing());
    return new Activation(
        VirtioFeatures.VIRTIO_F_VERSION_1, List.of(setup), memory, new Silence(), kicks);
  }

  private void read(PayloadGuest guest, MockDriver driver, int page) {
    MockDriver.Used used = driver.takeUsed();
    assertEquals(page == 1, used == null, "the read before is done");
    MemorySegment header = guest.ram().asSlice(HEADER, 16);
    header.set(ValueLayout.JAVA_INT, 0, 0); // VIRTIO_BLK_T_IN
    header.set(ValueLayout.JAVA_LONG, 8, page * (PAGE / 512L));
    driver.offer(Part.readable(HEADER, 16), Part.writable(CODE, PAGE), Part.writable(STATUS, 1));
    kicks.ring();
  }

  /// The guest polls.
  private static final class Silence implements VirtioInterrupts {
    @Override
    public void usedBuffers(int index) {
      // nobody waits for it
    }

    @Override
    public void configChanged() {
      // it does not
    }

    @Override
    public void needsReset(String why) {
      throw new AssertionError(why);
    }
  }
}
