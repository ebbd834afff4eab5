package dev.javisor.devices.virtio;

/// Feature bits every device shares (virtio 1.3, 6). Not a list of all: those we know.
public final class VirtioFeatures {
  public static final long VIRTIO_F_INDIRECT_DESC = 1L << 28;
  public static final long VIRTIO_F_EVENT_IDX = 1L << 29;
  public static final long VIRTIO_F_VERSION_1 = 1L << 32;

  private VirtioFeatures() {}
}
