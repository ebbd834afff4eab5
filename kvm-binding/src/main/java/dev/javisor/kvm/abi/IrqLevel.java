package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_irq_level`: 8 bytes (api.rst, KVM_IRQ_LINE).
public record IrqLevel(int irq, boolean level) {
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(JAVA_INT.withName("irq"), JAVA_INT.withName("level"))
          .withName("kvm_irq_level");

  public static final long KVM_IRQ_LINE = Ioc.write(0x61, LAYOUT);

  public void writeTo(ByteBuffer target) {
    target.putInt(0, irq);
    target.putInt(4, level ? 1 : 0);
  }
}
