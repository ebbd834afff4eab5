package dev.javisor.vmm.backend;

import java.lang.foreign.MemorySegment;

/// The far end of a network card: whole Ethernet frames, each behind a 12-byte `virtio_net_hdr`
/// (virtio 1.3, 5.1.6), so that checksums and segmentation can be left to the other side.
public interface PacketPort extends AutoCloseable {

  /// Receives one frame with its header into `target` (65,550 bytes or more). Returns its length,
  /// or 0 when none waits. Never blocks.
  int receive(MemorySegment target);

  /// Sends one frame with its header. False if the port is full: then nothing was sent, and the
  /// caller may drop it as a network does. Never blocks.
  boolean send(MemorySegment frame);

  /// From now on `ready` is called on a thread of the port's when a frame arrives after [#receive]
  /// said that there was none.
  void onReadable(Runnable ready);

  /// Which offloads the guest can take (virtio 1.3, 5.1.3): checksum, TSO for IPv4 and IPv6. Called
  /// when the driver has negotiated, and with none at reset.
  void guestOffloads(boolean checksum, boolean tso4, boolean tso6);

  /// Whether the port takes frames with partial checksums and large TSO frames from the guest.
  boolean offloads();

  @Override
  void close();
}
