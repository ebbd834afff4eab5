package dev.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.kvm.abi.CoalescedRing;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.bus.Device;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Our end of the ring, with a ring that nobody else fills.
class CoalescedStoresTest {
  private static final long ADDRESS = 0xCF8;

  private final ByteBuffer page = NativeStruct.allocate(4096, Arena.ofAuto()).bytes();
  private final CoalescedRing ring = new CoalescedRing(page);
  private final List<Long> arrived = Collections.synchronizedList(new ArrayList<>());
  private final Device nothing = new Bus("mmio");

  /// Puts `values` in, from entry `first` on, as the kernel does.
  private void fill(int first, long... values) {
    page.putInt(0, first);
    int at = first;
    for (long value : values) {
      int entry = 8 + at * 24;
      page.putLong(entry, ADDRESS).putInt(entry + 8, 4).putInt(entry + 12, 1);
      page.putLong(entry + 16, value | 0xDEAD_0000_0000_0000L);
      at = (at + 1) % CoalescedRing.ENTRIES;
    }
    page.putInt(4, at);
  }

  private interface Store {
    void of(long value);
  }

  private static Device ports(Store store) {
    return new Device() {
      @Override
      public long read(long offset, int size) {
        throw new AssertionError("only stores wait");
      }

      @Override
      public void write(long offset, int size, long value) {
        assertEquals(ADDRESS, offset);
        assertEquals(4, size);
        store.of(value);
      }
    };
  }

  private void deliver(Store store) {
    new CoalescedStores().deliver(ring, ports(store), nothing);
  }

  @Test
  void entriesComeOnceAndAcrossTheRingsEnd() {
    assertEquals(170, CoalescedRing.ENTRIES);
    fill(168, 1, 2, 3, 4);
    deliver(arrived::add);
    deliver(arrived::add);
    assertEquals(List.of(1L, 2L, 3L, 4L), arrived);
    assertEquals(2, page.getInt(0), "first is where last is");
  }

  /// Another vCPU goes on with what it exited for only when the store has arrived.
  @Test
  void whoComesSecondWaitsForTheFirst() throws InterruptedException {
    fill(0, 7);
    CoalescedStores stores = new CoalescedStores();
    CountDownLatch arriving = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch secondIsBack = new CountDownLatch(1);
    Store slow =
        value -> {
          arriving.countDown();
          await(goOn);
          arrived.add(value);
        };
    Thread first = Thread.ofPlatform().start(() -> stores.deliver(ring, ports(slow), nothing));
    await(arriving);
    Thread second =
        Thread.ofPlatform()
            .start(
                () -> {
                  stores.deliver(ring, ports(arrived::add), nothing);
                  secondIsBack.countDown();
                });
    assertFalse(secondIsBack.await(100, TimeUnit.MILLISECONDS), "it has not arrived");
    goOn.countDown();
    await(secondIsBack);
    assertEquals(List.of(7L), arrived);
    first.join();
    second.join();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
