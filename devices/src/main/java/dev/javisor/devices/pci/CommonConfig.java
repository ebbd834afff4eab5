package dev.javisor.devices.pci;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The common configuration structure (virtio 1.3, 4.1.4.3): selectors, and the fields of what they
/// select. A field is accessed in its own width, one of 64 bits in two halves; any other access
/// reads all ones and changes nothing. The transport's monitor guards it.
final class CommonConfig implements Device {
  /// Up to and with `queue_device`.
  static final int BYTES = 0x38;

  private static final int DEVICE_FEATURE_SELECT = 0x00;
  private static final int DEVICE_FEATURE = 0x04;
  private static final int DRIVER_FEATURE_SELECT = 0x08;
  private static final int DRIVER_FEATURE = 0x0C;
  private static final int CONFIG_MSIX_VECTOR = 0x10;
  private static final int NUM_QUEUES = 0x12;
  private static final int DEVICE_STATUS = 0x14;
  private static final int CONFIG_GENERATION = 0x15;
  private static final int QUEUE_SELECT = 0x16;
  private static final int QUEUE_SIZE = 0x18;
  private static final int QUEUE_MSIX_VECTOR = 0x1A;
  private static final int QUEUE_ENABLE = 0x1C;
  private static final int QUEUE_NOTIFY_OFF = 0x1E;
  private static final int QUEUE_DESC = 0x20;
  private static final int QUEUE_DRIVER = 0x28;
  private static final int QUEUE_DEVICE = 0x30;

  /// What only describes a queue: stores that may wait until the driver enables it or asks.
  static final List<AddressRange> DESCRIPTIONS =
      List.of(
          new AddressRange(QUEUE_SELECT, QUEUE_ENABLE - QUEUE_SELECT),
          new AddressRange(QUEUE_DESC, BYTES - QUEUE_DESC));

  private static final long LOW_HALF = 0xFFFF_FFFFL;

  private final VirtioTransport transport;
  private int deviceFeatureSelect;
  private int driverFeatureSelect;
  private int queueSelect;

  CommonConfig(VirtioTransport transport) {
    this.transport = transport;
  }

  @Override
  public long read(long offset, int size) {
    if (offset < 0 || offset >= BYTES || size != width((int) offset)) {
      return Device.allOnes(size);
    }
    synchronized (transport) {
      return readField((int) offset) & Device.allOnes(size);
    }
  }

  @Override
  public void write(long offset, int size, long value) {
    if (offset < 0 || offset >= BYTES || size != width((int) offset)) {
      return;
    }
    synchronized (transport) {
      writeField((int) offset, value & Device.allOnes(size));
    }
  }

  /// How wide the field at `offset` is accessed, 0 where none begins.
  private static int width(int offset) {
    return switch (offset) {
      case DEVICE_STATUS, CONFIG_GENERATION -> 1;
      case CONFIG_MSIX_VECTOR,
          NUM_QUEUES,
          QUEUE_SELECT,
          QUEUE_SIZE,
          QUEUE_MSIX_VECTOR,
          QUEUE_ENABLE,
          QUEUE_NOTIFY_OFF ->
          2;
      default -> offset % 4 == 0 ? 4 : 0;
    };
  }

  private long readField(int offset) {
    return switch (offset) {
      case DEVICE_FEATURE_SELECT -> deviceFeatureSelect;
      case DEVICE_FEATURE -> half(transport.offeredFeatures(), deviceFeatureSelect);
      case DRIVER_FEATURE_SELECT -> driverFeatureSelect;
      case DRIVER_FEATURE -> half(transport.acknowledgedFeatures(), driverFeatureSelect);
      case CONFIG_MSIX_VECTOR -> transport.vectors().configVector();
      case NUM_QUEUES -> transport.queues().size();
      case DEVICE_STATUS -> transport.status();
      case CONFIG_GENERATION -> transport.vectors().generation();
      case QUEUE_SELECT -> queueSelect;
      default -> readQueueField(offset);
    };
  }

  /// A queue that does not exist has size 0 (virtio 1.3, 4.1.5.1.3).
  private long readQueueField(int offset) {
    QueueRegisters queue = selected();
    if (queue == null) {
      return 0;
    }
    return switch (offset) {
      case QUEUE_SIZE -> queue.size;
      case QUEUE_MSIX_VECTOR -> queue.vector;
      case QUEUE_ENABLE -> queue.enabled ? 1 : 0;
      case QUEUE_NOTIFY_OFF -> queueSelect;
      case QUEUE_DESC, QUEUE_DESC + 4 -> half(queue.descriptorTable, offset >>> 2 & 1);
      case QUEUE_DRIVER, QUEUE_DRIVER + 4 -> half(queue.availRing, offset >>> 2 & 1);
      case QUEUE_DEVICE, QUEUE_DEVICE + 4 -> half(queue.usedRing, offset >>> 2 & 1);
      default -> throw new AssertionError(offset);
    };
  }

  private void writeField(int offset, long value) {
    switch (offset) {
      case DEVICE_FEATURE_SELECT -> deviceFeatureSelect = (int) value;
      case DRIVER_FEATURE_SELECT -> driverFeatureSelect = (int) value;
      case DRIVER_FEATURE -> acknowledge(value);
      case CONFIG_MSIX_VECTOR -> transport.vectors().configVector((int) value);
      case DEVICE_STATUS -> writeStatus((int) value);
      case QUEUE_SELECT -> queueSelect = (int) value;
      case DEVICE_FEATURE, NUM_QUEUES, CONFIG_GENERATION, QUEUE_NOTIFY_OFF -> {} // read-only
      default -> writeQueueField(offset, value);
    }
  }

  private void acknowledge(long value) {
    if (driverFeatureSelect == 0 || driverFeatureSelect == 1) {
      long features = transport.acknowledgedFeatures();
      transport.acknowledge(replaceHalf(features, driverFeatureSelect, value));
    }
  }

  private void writeStatus(int value) {
    if (value == 0) {
      deviceFeatureSelect = 0;
      driverFeatureSelect = 0;
      queueSelect = 0;
    }
    transport.writeStatus(value);
  }

  private void writeQueueField(int offset, long value) {
    QueueRegisters queue = selected();
    if (queue == null) {
      return;
    }
    if (offset == QUEUE_MSIX_VECTOR) {
      queue.vector = transport.vectors().existing((int) value); // also while it runs
    } else if (offset == QUEUE_ENABLE) {
      if (value == 1) {
        transport.enable(queue);
      }
    } else if (transport.configurable(queue)) {
      describe(queue, offset, value);
    }
  }

  private static void describe(QueueRegisters queue, int offset, long value) {
    int half = offset >>> 2 & 1;
    switch (offset & -8) {
      case QUEUE_SIZE -> queue.size = (int) value;
      case QUEUE_DESC -> queue.descriptorTable = replaceHalf(queue.descriptorTable, half, value);
      case QUEUE_DRIVER -> queue.availRing = replaceHalf(queue.availRing, half, value);
      case QUEUE_DEVICE -> queue.usedRing = replaceHalf(queue.usedRing, half, value);
      default -> throw new AssertionError(offset);
    }
  }

  private @Nullable QueueRegisters selected() {
    return queueSelect < transport.queues().size() ? transport.queues().get(queueSelect) : null;
  }

  /// Bits 31:0 for 0, 63:32 for 1; there are no others.
  private static long half(long value, int which) {
    return switch (which) {
      case 0 -> value & LOW_HALF;
      case 1 -> value >>> 32;
      default -> 0;
    };
  }

  private static long replaceHalf(long whole, int which, long value) {
    return which == 0 ? (whole & ~LOW_HALF) | (value & LOW_HALF) : (whole & LOW_HALF) | value << 32;
  }

  void save(StateWriter out) {
    synchronized (transport) {
      out.putInt(deviceFeatureSelect);
      out.putInt(driverFeatureSelect);
      out.putShort(queueSelect);
    }
  }

  void load(StateReader in) {
    synchronized (transport) {
      deviceFeatureSelect = in.getInt();
      driverFeatureSelect = in.getInt();
      queueSelect = in.getShort();
    }
  }
}
