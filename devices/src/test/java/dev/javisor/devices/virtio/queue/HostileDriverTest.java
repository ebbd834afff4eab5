package dev.javisor.devices.virtio.queue;

import static dev.javisor.devices.virtio.queue.QueueFixture.DATA;
import static dev.javisor.devices.virtio.queue.QueueFixture.TABLE;
import static dev.javisor.testkit.virtio.MockDriver.F_INDIRECT;
import static dev.javisor.testkit.virtio.MockDriver.F_NEXT;
import static dev.javisor.testkit.virtio.MockDriver.F_WRITE;
import static dev.javisor.testkit.virtio.MockDriver.Part.readable;
import static dev.javisor.testkit.virtio.MockDriver.Part.writable;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.devices.virtio.Activation.QueueSetup;
import dev.javisor.testkit.virtio.MockDriver.Part;
import dev.javisor.testkit.virtio.MockDriver.Used;
import dev.javisor.vmm.memory.GuestFault;
import org.junit.jupiter.api.Test;

/// Every guard of the queue, from the side of a driver that lies.
final class HostileDriverTest {
  private final QueueFixture at = new QueueFixture(8, false);

  private void pollFaults(String because) {
    GuestFault fault = assertThrows(GuestFault.class, at.queue::poll);
    assertTrue(String.valueOf(fault.getMessage()).contains(because), fault.getMessage());
  }

  /// The chain is nonsense, and its head comes back all the same.
  private void chainFaults(int head, String because) {
    pollFaults(because);
    assertEquals(1, at.driver.usedIndex());
    long entry = at.driver.usedRing() + 4;
    assertEquals(head, at.memory.readable(entry, 4).get(java.lang.foreign.ValueLayout.JAVA_INT, 0));
    assertEquals(
        0, at.memory.readable(entry + 4, 4).get(java.lang.foreign.ValueLayout.JAVA_INT, 0));
    assertEquals(0, at.queue.inFlight());
  }

  @Test
  void moreChainsThanTheQueueHoldsAreAFault() {
    at.driver.setAvailIndex(9);
    pollFaults("9 chains available in a queue of 8");
  }

  @Test
  void anAvailIndexThatGoesBackIsAFault() {
    at.driver.setAvailIndex(-1);
    pollFaults("65535 chains available");
  }

  @Test
  void aFullQueueIsNotAFault() {
    for (int i = 0; i < 8; i++) {
      at.driver.offer(writable(DATA, 1));
    }
    for (int i = 0; i < 8; i++) {
      at.poll();
    }
    assertNull(at.queue.poll());
  }

  @Test
  void headsThatWeStillHoldCannotBeOfferedWithoutEnd() {
    at.driver.writeDescriptor(0, DATA, 1, F_WRITE, 0);
    for (int i = 0; i < 8; i++) {
      at.driver.publish(0);
      at.poll();
    }
    at.driver.publish(0);
    pollFaults("more chains in flight");
  }

  @Test
  void aHeadBeyondTheTableIsAFault() {
    at.driver.publish(8);
    pollFaults("available head 8");
    assertEquals(0, at.driver.usedIndex());
  }

  @Test
  void aNextBeyondTheTableIsAFault() {
    at.driver.writeDescriptor(2, DATA, 1, F_NEXT, 8);
    at.driver.publish(2);
    chainFaults(2, "descriptor 8 of 8");
  }

  @Test
  void aLoopIsAFault() {
    at.driver.writeDescriptor(3, DATA, 1, F_NEXT, 4);
    at.driver.writeDescriptor(4, DATA, 1, F_NEXT, 3);
    at.driver.publish(3);
    chainFaults(3, "a loop among 8");
  }

  @Test
  void aChainOfTheWholeTableIsNotALoop() {
    Part[] parts = new Part[8];
    java.util.Arrays.fill(parts, readable(DATA, 2));
    at.driver.offer(parts);
    assertEquals(16, at.poll().readableBytes());
  }

  @Test
  void aReadablePartBehindAWritableOneIsAFault() {
    at.driver.offer(writable(DATA, 1), readable(DATA, 1));
    chainFaults(0, "readable part behind a writable");
  }

  @Test
  void aChainOfMoreThan4GiBIsAFault() {
    QueueFixture big = new QueueFixture(8, false, 0, 8 << 20);
    Part[] parts = new Part[1024];
    java.util.Arrays.fill(parts, readable(0, 5 << 20));
    big.driver.offerIndirect(0x40000, parts);
    GuestFault fault = assertThrows(GuestFault.class, big.queue::poll);
    assertTrue(String.valueOf(fault.getMessage()).contains("more than 4 GiB"), fault.getMessage());
    assertEquals(1, big.driver.usedIndex());
  }

  @Test
  void aPartOutsideRamIsAFault() {
    at.driver.offer(readable(1 << 20, 1));
    chainFaults(0, "not in RAM");
  }

  @Test
  void aPartThatLeavesRamIsAFault() {
    at.driver.offer(writable((1 << 20) - 1, 2));
    chainFaults(0, "not in RAM");
  }

  @Test
  void aPartThatWrapsIsAFault() {
    at.driver.offer(writable(-1, 2));
    chainFaults(0, "not in RAM");
  }

  @Test
  void aChainWithoutAByteIsAFault() {
    at.driver.offer(readable(DATA, 0), writable(DATA, 0));
    chainFaults(0, "without a single byte");
  }

  @Test
  void anIndirectTableInsideAnotherIsAFault() {
    at.driver.writeDescriptorAt(TABLE, TABLE, 16, F_INDIRECT, 0);
    at.driver.writeDescriptor(0, TABLE, 16, F_INDIRECT, 0);
    at.driver.publish(0);
    chainFaults(0, "inside another");
  }

  @Test
  void indirectTablesMustHaveBeenNegotiated() {
    at.queue = at.fresh(0);
    at.driver.offerIndirect(TABLE, readable(DATA, 1));
    chainFaults(0, "not negotiated");
  }

  @Test
  void indirectTogetherWithNextIsAFault() {
    at.driver.writeDescriptorAt(TABLE, DATA, 1, 0, 0);
    at.driver.writeDescriptor(0, TABLE, 16, F_INDIRECT | F_NEXT, 1);
    at.driver.writeDescriptor(1, DATA, 1, 0, 0);
    at.driver.publish(0);
    chainFaults(0, "both INDIRECT and NEXT");
  }

  @Test
  void aTableThatIsNoWholeNumberOfDescriptorsIsAFault() {
    at.driver.writeDescriptorAt(TABLE, DATA, 1, 0, 0);
    at.driver.writeDescriptor(0, TABLE, 17, F_INDIRECT, 0);
    at.driver.publish(0);
    chainFaults(0, "indirect table of 17 bytes");
  }

  @Test
  void anEmptyTableIsAFault() {
    at.driver.writeDescriptor(0, TABLE, 0, F_INDIRECT, 0);
    at.driver.publish(0);
    chainFaults(0, "indirect table of 0 bytes");
  }

  @Test
  void aTableOfMoreThan65535DescriptorsIsAFault() {
    // it lies outside this guest's RAM too, so the bound has to speak first
    at.driver.writeDescriptor(0, TABLE, 16 * 65536, F_INDIRECT, 0);
    at.driver.publish(0);
    chainFaults(0, "indirect table of 1048576 bytes");
  }

  @Test
  void aTableOutsideRamIsAFault() {
    at.driver.writeDescriptor(0, 1 << 20, 16, F_INDIRECT, 0);
    at.driver.publish(0);
    chainFaults(0, "not in RAM");
  }

  @Test
  void anIndirectNextIsBoundedByItsTableNotByTheQueue() {
    at.driver.writeDescriptorAt(TABLE, DATA, 1, F_NEXT, 2);
    at.driver.writeDescriptorAt(TABLE + 32, DATA, 1, 0, 0);
    at.driver.writeDescriptor(0, TABLE, 32, F_INDIRECT, 0);
    at.driver.publish(0);
    chainFaults(0, "descriptor 2 of 2");
  }

  @Test
  void aLoopInsideATableIsAFault() {
    at.driver.writeDescriptorAt(TABLE, DATA, 1, F_NEXT, 1);
    at.driver.writeDescriptorAt(TABLE + 16, DATA, 1, F_NEXT, 0);
    at.driver.writeDescriptor(0, TABLE, 32, F_INDIRECT, 0);
    at.driver.publish(0);
    chainFaults(0, "a loop among 2");
  }

  @Test
  void aTableMayBeLongerThanTheQueue() {
    Part[] parts = new Part[200];
    java.util.Arrays.fill(parts, readable(DATA, 1));
    at.driver.offerIndirect(TABLE, parts);
    assertEquals(200, at.poll().readableBytes());
  }

  @Test
  void aChainOfMoreThan1024IndirectPartsIsAFault() {
    Part[] parts = new Part[1025];
    java.util.Arrays.fill(parts, readable(DATA, 1));
    at.driver.offerIndirect(0x40000, parts);
    chainFaults(0, "more than 1024 descriptors");
  }

  @Test
  void aQueueThatIsNoPowerOfTwoIsRefused() {
    for (int size : new int[] {0, -1, 3, 65536}) {
      refused(new QueueSetup(size, 0x1000, 0x2000, 0x3000));
    }
  }

  @Test
  void misalignedRingsAreRefused() {
    refused(new QueueSetup(8, 0x1008, 0x2000, 0x3000));
    refused(new QueueSetup(8, 0x1000, 0x2001, 0x3000));
    refused(new QueueSetup(8, 0x1000, 0x2000, 0x3002));
  }

  @Test
  void ringsThatLeaveRamAreRefusedToTheLastByte() {
    refused(new QueueSetup(8, (1 << 20) - 112, 0x2000, 0x3000));
    refused(new QueueSetup(8, 0x1000, (1 << 20) - 20, 0x3000));
    refused(new QueueSetup(8, 0x1000, 0x2000, (1 << 20) - 68));
    refused(new QueueSetup(8, -16, 0x2000, 0x3000));
  }

  private void refused(QueueSetup setup) {
    assertThrows(GuestFault.class, () -> new Virtqueue(at.memory, setup, 0));
  }

  @Test
  void goodChainsBeforeTheNonsenseWereServed() {
    at.driver.offer(writable(DATA, 1));
    at.driver.publish(99);
    at.queue.complete(at.poll());
    Used used = at.used();
    assertEquals(0, used.head());
    pollFaults("available head 99");
  }
}
