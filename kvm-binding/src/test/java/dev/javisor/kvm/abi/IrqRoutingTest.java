package dev.javisor.kvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IrqRoutingTest {
  private static final int HEADER = (int) IrqRouting.HEADER_LAYOUT.byteSize();
  private static final int ENTRY = (int) IrqRouting.ENTRY_LAYOUT.byteSize();

  private final IrqRouting routing = new IrqRouting(new int[] {3, 2, 7, 3, 0, 5});

  /// Each row's `gsi`, type, and the first three words of what it says.
  private List<List<Integer>> rows() {
    ByteBuffer bytes = routing.argument().bytes().order(ByteOrder.nativeOrder());
    List<List<Integer>> rows = new ArrayList<>();
    for (int row = 0; row < bytes.getInt(0); row++) {
      int at = HEADER + row * ENTRY;
      rows.add(
          List.of(
              bytes.getInt(at),
              bytes.getInt(at + 4),
              bytes.getInt(at + 16),
              bytes.getInt(at + 20),
              bytes.getInt(at + 24)));
    }
    return rows;
  }

  @Test
  void pinsComeFirstAndMessagesChangeOrGoWithoutThem() {
    List<Integer> first = List.of(3, IrqRouting.KVM_IRQ_ROUTING_IRQCHIP, 2, 7, 0);
    List<Integer> second = List.of(3, IrqRouting.KVM_IRQ_ROUTING_IRQCHIP, 0, 5, 0);
    assertEquals(List.of(first, second), rows());
    routing.message(24, 0x1_FEE0_0000L, 0x31);
    routing.message(25, 0xFEE0_1000L, 0x32);
    routing.message(24, 0x1_FEE0_0000L, 0x33);
    List<Integer> message = List.of(24, IrqRouting.KVM_IRQ_ROUTING_MSI, 0xFEE0_0000, 1, 0x33);
    List<Integer> other = List.of(25, IrqRouting.KVM_IRQ_ROUTING_MSI, 0xFEE0_1000, 0, 0x32);
    assertEquals(List.of(first, second, message, other), rows());
    assertFalse(routing.remove(3), "a pin is no message");
    assertTrue(routing.remove(24));
    assertEquals(List.of(first, second, other), rows());
  }

  @Test
  void theTableGrowsWithItsMessages() {
    for (int gsi = 24; gsi < 224; gsi++) {
      routing.message(gsi, 0xFEE0_0000L, gsi);
    }
    List<List<Integer>> rows = rows();
    assertEquals(202, rows.size());
    assertEquals(List.of(3, IrqRouting.KVM_IRQ_ROUTING_IRQCHIP, 2, 7, 0), rows.getFirst());
    assertEquals(223, rows.getLast().getLast());
  }
}
