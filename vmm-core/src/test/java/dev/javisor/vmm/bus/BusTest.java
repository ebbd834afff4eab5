package dev.javisor.vmm.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class BusTest {
  private final Bus bus = new Bus("port");
  private final StringBuilder log = new StringBuilder();

  private Device device(String name, long answer) {
    return new Device() {
      @Override
      public long read(long offset, int size) {
        log.append(name).append("-r").append(offset).append(' ');
        return answer;
      }

      @Override
      public void write(long offset, int size, long value) {
        log.append(name).append("-w").append(offset).append('=').append(value).append(' ');
      }
    };
  }

  @Test
  void devicesGetOffsetsNotAddresses() {
    bus.attach(new AddressRange(0x3F8, 8), device("b", 2));
    bus.attach(new AddressRange(0x60, 1), device("a", 1));
    bus.freeze();
    assertEquals(2, bus.read(0x3FF, 1));
    assertEquals(1, bus.read(0x60, 1));
    bus.write(0x3F8, 1, 65);
    assertEquals("b-r7 a-r0 b-w0=65 ", log.toString());
  }

  @Test
  void unclaimedAddressesReadAllOnesOfTheirWidthAndSwallowWrites() {
    bus.attach(new AddressRange(0x10, 1), device("a", 1));
    bus.freeze();
    assertEquals(0xFF, bus.read(0x11, 1));
    assertEquals(0xFFFF, bus.read(0xF, 2));
    assertEquals(0xFFFF_FFFFL, bus.read(0, 4));
    assertEquals(-1L, bus.read(0x8000_0000_0000L, 8));
    bus.write(0x11, 1, 5);
    assertEquals("", log.toString());
  }

  @Test
  void overlapsAndLateComersAreRefused() {
    bus.attach(new AddressRange(0x10, 4), device("a", 1));
    assertThrows(
        IllegalStateException.class, () -> bus.attach(new AddressRange(0x13, 1), device("b", 1)));
    bus.freeze();
    assertThrows(
        IllegalStateException.class, () -> bus.attach(new AddressRange(0x20, 1), device("c", 1)));
  }

  @Test
  void aRangeIsNeitherEmptyNorWrapping() {
    assertThrows(IllegalArgumentException.class, () -> new AddressRange(0, 0));
    assertThrows(IllegalArgumentException.class, () -> new AddressRange(Long.MAX_VALUE, 2));
  }
}
