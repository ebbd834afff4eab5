package dev.javisor.devices.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.state.StateException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A guest that stores and loads anything anywhere, and a saved state that somebody changed: never
/// an exception that is not meant, never a hang, and the bus still enumerates.
class PciFuzzTest {
  private static final int QUEUE_SELECT = 0x16;
  private static final int QUEUE_SIZE = 0x18;
  private static final long FIXED_SEED = 20260823;
  private static final int ACCESSES = 60_000;
  private static final int[] REGISTERS = {0x04, 0x06, 0x10, 0x11, 0x12, 0x34, 0x3C, 0x42, 0x43};
  private static final long[] VALUES = {0, 1, -1, 0x8000, 0xC000_0000L, 0xFFFF_8000L, 15, 11, 3};
  private static final Duration FAR_TOO_LONG = Duration.ofSeconds(120);

  @Test
  void hostileAccessesOfTheFixedSeed() {
    assertTimeoutPreemptively(FAR_TOO_LONG, () -> storm(FIXED_SEED));
  }

  @Test
  void hostileAccessesOfARandomSeed() {
    long seed = new Random().nextLong();
    System.out.println("PciFuzzTest: storm of seed " + seed);
    assertTimeoutPreemptively(FAR_TOO_LONG, () -> storm(seed));
  }

  /// Found by seed 975503379826443363: the upper bits of a value for two bytes made an index.
  @Test
  void aQueueIsSelectedByTheBytesThatAreStored() {
    try (Arena arena = Arena.ofShared()) {
      PciMachine pci = new PciMachine(arena, true, new FakeVirtio(8, 16));
      pci.start(1);
      long bar = PciMachine.assignedBar(1);
      pci.mmio.write(bar + QUEUE_SELECT, 2, 0xFFFF_FFFF_8000_4321L);
      assertEquals(0x4321, pci.mmio.read(bar + QUEUE_SELECT, 2));
      assertEquals(0, pci.mmio.read(bar + QUEUE_SIZE, 2), "no such queue");
      pci.mmio.write(bar + QUEUE_SELECT, 2, 0x1_0001);
      assertEquals(8, pci.mmio.read(bar + QUEUE_SIZE, 2), "as it was started");
    }
  }

  private static void storm(long seed) {
    try (Arena arena = Arena.ofShared()) {
      Random random = new Random(seed);
      PciMachine pci = new PciMachine(arena, true, new FakeVirtio(8, 16), new FakeVirtio(256));
      pci.start(1);
      for (int i = 0; i < ACCESSES; i++) {
        access(pci, random);
      }
      assertEquals(0x0008_1B36, pci.config(0, 0, 4), "seed " + seed);
      assertEquals(0x1042_1AF4, pci.config(1, 0, 4), "seed " + seed);
      pci.config(1, PciMachine.BAR_0, 4, PciMachine.assignedBar(1));
      pci.config(2, PciMachine.COMMAND, 2, 0);
      pci.start(1);
      assertEquals(15, pci.status(1), "seed " + seed);
    }
  }

  private static void access(PciMachine pci, Random random) {
    int size = random.nextInt(8) + 1;
    long value = random.nextBoolean() ? VALUES[random.nextInt(VALUES.length)] : random.nextLong();
    boolean write = random.nextBoolean();
    switch (random.nextInt(4)) {
      case 0 -> {
        long port = 0xCF8 + random.nextInt(8);
        if (write) {
          pci.ports.write(port, size, value);
        } else {
          pci.ports.read(port, size);
        }
      }
      case 1 -> store(pci, PciMachine.ECAM + random.nextInt(1 << 20), size, value, write);
      case 2 -> {
        int register =
            random.nextBoolean()
                ? REGISTERS[random.nextInt(REGISTERS.length)]
                : random.nextInt(0x100);
        long function = PciMachine.ECAM + ((long) random.nextInt(4) << 15);
        store(pci, function + register, size, value, write);
      }
      default -> {
        long bar = PciMachine.assignedBar(random.nextInt(3));
        int page = random.nextInt(8) << 12;
        store(pci, bar + page + random.nextInt(0x48), size, value, write);
      }
    }
  }

  private static void store(PciMachine pci, long gpa, int size, long value, boolean write) {
    if (write) {
      pci.mmio.write(gpa, size, value);
    } else {
      long read = pci.mmio.read(gpa, size);
      long ones = size >= 8 ? -1 : (1L << (8 * size)) - 1;
      assertEquals(read, read & ones, "zero-extended");
    }
  }

  @Test
  void damagedStatesAreRefusedOrLoadedButNeverBreakIt() {
    long seed = new Random().nextLong();
    System.out.println("PciFuzzTest: states of seed " + seed);
    int refused = 0;
    for (long each : new long[] {FIXED_SEED, seed}) {
      refused += damage(new Random(each));
    }
    assertTrue(refused > 0);
  }

  private static int damage(Random random) {
    int refused = 0;
    try (Arena arena = Arena.ofShared()) {
      PciMachine pci = new PciMachine(arena, true, new FakeVirtio(8, 16));
      pci.start(1);
      byte[] saved = pci.save();
      for (int i = 0; i < 2_000; i++) {
        byte[] damaged = saved.clone();
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        PciMachine after = new PciMachine(pci.memory, true, new FakeVirtio(8, 16));
        try {
          after.load(damaged);
        } catch (StateException e) {
          refused++;
        }
      }
    }
    return refused;
  }
}
