package dev.javisor.devices.virtio.worker;

import static dev.javisor.devices.virtio.DriverFixture.DATA;
import static dev.javisor.testkit.virtio.MockDriver.Part.writable;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.devices.virtio.ConfigSpace;
import dev.javisor.devices.virtio.DriverFixture;
import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.devices.virtio.queue.DescriptorChain;
import dev.javisor.devices.virtio.queue.Virtqueue;
import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class QueueDeviceTest {
  private static final long SECOND = 1_000_000_000L;

  /// Holds every chain until told to give one back.
  private static final class Holding extends QueueDevice {
    final ConcurrentLinkedQueue<Runnable> answers = new ConcurrentLinkedQueue<>();
    final AtomicInteger held = new AtomicInteger();
    final AtomicInteger looks = new AtomicInteger();
    final AtomicBoolean closed = new AtomicBoolean();
    volatile boolean bug;

    Holding(DriverFixture at) {
      super("holding", new int[] {8}, new ConfigSpace(0), at.failures::add);
    }

    @Override
    protected void serve() {
      looks.incrementAndGet();
      if (bug) {
        throw new OutOfMemoryError("a test's");
      }
      drain(0, this::hold);
    }

    private void hold(Virtqueue queue, DescriptorChain chain) {
      answers.add(
          () ->
              post(
                  () -> {
                    held.decrementAndGet();
                    if (driver() != null) {
                      queue.complete(chain);
                    }
                  }));
      held.incrementAndGet();
    }

    /// The back end answers its oldest request.
    void answer() {
      Runnable answer = answers.poll();
      assertNotNull(answer);
      answer.run();
    }

    @Override
    protected boolean idle() {
      return held.get() == 0;
    }

    @Override
    protected void closeBackEnd() {
      closed.set(true);
    }

    @Override
    public int deviceId() {
      return 99;
    }

    @Override
    public long features() {
      return 0;
    }
  }

  private final DriverFixture at = new DriverFixture(0, Holding::new).activate();

  private Holding device() {
    return (Holding) at.device;
  }

  private void offerOne() {
    at.queue(0).offer(writable(DATA, 8));
    at.kick();
    at.await("the chain to be taken", () -> device().held.get() > 0);
  }

  @AfterEach
  void end() {
    at.close();
  }

  @Test
  void quiesceWaitsForWhatIsInFlightAndTakesNothingNew() throws InterruptedException {
    offerOne();
    AtomicBoolean quiet = new AtomicBoolean();
    Thread pausing =
        Thread.ofPlatform()
            .start(() -> quiet.set(at.device.quiesce(System.nanoTime() + 30 * SECOND)));
    at.await("it to wait", () -> pausing.getState() == Thread.State.TIMED_WAITING);
    device().answer();
    pausing.join();
    assertTrue(quiet.get());
    assertTrue(device().idle());
    assertEquals(1, at.queue(0).usedIndex());
    assertEquals(1, at.interrupts.used.get(0), "drained, then announced");
    at.queue(0).offer(writable(DATA, 8));
    at.kick();
    for (int i = 0; i < 50; i++) {
      DriverFixture.pause();
    }
    assertEquals(0, device().held.get());
    at.device.resume();
    at.await("the chain whose kick was lost", () -> device().held.get() == 1);
    device().answer();
  }

  @Test
  void quiesceFailsAfterItsDeadlineAndTheDeviceGoesOn() {
    offerOne();
    assertFalse(at.device.quiesce(System.nanoTime() + SECOND / 20));
    at.device.resume();
    at.queue(0).offer(writable(DATA, 8));
    at.kick();
    at.await("the second chain", () -> device().held.get() == 2);
    device().answer();
    device().answer();
    at.used(0);
    at.used(0);
  }

  @Test
  void resetIsDoneWhenTheBackEndHasLetGo() {
    offerOne();
    AtomicBoolean done = new AtomicBoolean();
    at.device.reset(() -> done.set(true));
    assertFalse(done.get());
    at.writes.clear();
    device().answer();
    at.await("the reset", done::get);
    assertEquals(0, at.writes.size(), "nothing is written for a driver that is gone");
    at.activate();
    offerOne();
    device().answer();
    at.used(0);
  }

  @Test
  void aBackEndThatNeverAnswersEndsInDeviceNeedsResetForGood() {
    offerOne();
    AtomicBoolean done = new AtomicBoolean();
    long start = System.nanoTime();
    at.device.reset(() -> done.set(true));
    at.await("the device to give up", () -> !at.interrupts.resetsWanted.isEmpty());
    assertTrue(System.nanoTime() - start >= DeviceWorker.RESET_NANOS_MAX);
    at.device.reset(() -> done.set(true));
    device().answer(); // too late
    at.kick();
    at.await("the late answer", () -> device().held.get() == 0);
    assertFalse(at.device.join(200));
    assertFalse(done.get());
    assertEquals(1, at.interrupts.resetsWanted.size());
    assertEquals(0, at.queue(0).usedIndex());
  }

  @Test
  void closeWaitsForNothingButJoinForTheBackEnd() {
    offerOne();
    at.device.close();
    assertFalse(at.device.join(50));
    assertTrue(device().closed.get());
    device().answer();
    assertTrue(at.device.join(DriverFixture.HANG_MILLIS));
  }

  @Test
  void aDeviceThatNeverSawADriverEndsToo() {
    Holding idle = new Holding(at);
    AtomicBoolean done = new AtomicBoolean();
    idle.reset(() -> done.set(true));
    assertTrue(done.get());
    assertTrue(idle.quiesce(System.nanoTime()));
    idle.resume();
    idle.close();
    assertTrue(idle.closed.get());
    assertTrue(idle.join(0));
  }

  @Test
  void whatIsNotTheGuestsFaultEndsTheMachine() {
    device().bug = true;
    at.kick();
    DriverFixture.pause();
    long deadline = System.nanoTime() + 30 * SECOND;
    while (at.failures.isEmpty() && System.nanoTime() < deadline) {
      DriverFixture.pause();
    }
    assertTrue(at.failures.peek() instanceof OutOfMemoryError);
    assertEquals(0, at.interrupts.resetsWanted.size());
  }

  @Test
  void aQueueWhoseGeometryIsNonsenseBreaksTheDeviceNotTheMachine() {
    VirtioDevice other = new Holding(at);
    other.activate(
        new dev.javisor.devices.virtio.Activation(
            0,
            java.util.List.of(
                new dev.javisor.devices.virtio.Activation.QueueSetup(8, 1L << 40, 0, 0)),
            at.memory,
            at.interrupts,
            new dev.javisor.vmm.irq.SoftDoorbell()));
    at.await("the wish for a reset", () -> !at.interrupts.resetsWanted.isEmpty());
    other.close();
  }

  @Test
  void betweenLoadAndResumeNothingIsTouched() {
    assertTrue(at.device.quiesce(System.nanoTime() + 30 * SECOND));
    StateWriter out = new StateWriter();
    at.device.save(out);
    at.device.close();
    at.queue(0).offer(writable(DATA, 8));
    Holding fresh = new Holding(at);
    at.device = fresh;
    fresh.load(new StateReader(out.toByteArray()));
    fresh.activate(at.activation());
    at.kick();
    for (int i = 0; i < 50; i++) {
      DriverFixture.pause();
    }
    assertEquals(0, fresh.looks.get());
    assertEquals(0, at.interrupts.used.get(0));
    fresh.resume();
    at.await("the chain", () -> fresh.held.get() == 1);
    at.await("the interrupt that may have been lost", () -> at.interrupts.used.get(0) == 1);
    fresh.answer();
  }

  @Test
  void aBrokenDeviceStaysBrokenWhenRebuilt() {
    at.queue(0).publish(99);
    at.kick();
    at.await("the wish for a reset", () -> !at.interrupts.resetsWanted.isEmpty());
    at.rebuild(Holding::new);
    at.kick();
    assertTrue(at.device.quiesce(System.nanoTime() + 30 * SECOND));
    assertEquals(0, device().looks.get());
  }

  @Test
  void aStateOfOtherQueuesIsRefused() {
    assertTrue(at.device.quiesce(System.nanoTime() + 30 * SECOND));
    StateWriter out = new StateWriter();
    at.device.save(out);
    Holding fresh = new Holding(at);
    fresh.load(new StateReader(out.toByteArray()));
    java.util.List<
            dev.javisor.devices.virtio.Activation.@org.jspecify.annotations.Nullable QueueSetup>
        none = new java.util.ArrayList<>();
    none.add(null);
    assertThrows(
        StateException.class,
        () ->
            fresh.activate(
                new dev.javisor.devices.virtio.Activation(
                    0, none, at.memory, at.interrupts, at.kicks)));
  }
}
