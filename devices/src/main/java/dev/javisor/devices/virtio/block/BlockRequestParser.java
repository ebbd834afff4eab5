package dev.javisor.devices.virtio.block;

import dev.javisor.devices.virtio.block.BlockRequest.Extent;
import dev.javisor.devices.virtio.block.BlockRequest.Refused;
import dev.javisor.devices.virtio.queue.DescriptorChain;
import dev.javisor.vmm.memory.GuestFault;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Reads block requests (virtio 1.3, 5.2.6): `le32 type, le32 reserved, le64 sector`, data, and a
/// status byte, the last one that can be written. Everything is copied once and checked against
/// the disk.
///
/// @param sectors the disk's size in sectors of 512 bytes
/// @param readOnly enforced whether or not the driver acknowledged `VIRTIO_BLK_F_RO`
/// @param discard whether the driver may discard: it negotiated `VIRTIO_BLK_F_DISCARD`
/// @param writeZeroes likewise, `VIRTIO_BLK_F_WRITE_ZEROES`
record BlockRequestParser(long sectors, boolean readOnly, boolean discard, boolean writeZeroes) {
  static final int SECTOR_SHIFT = 9;
  static final int HEADER_BYTES = 16;
  static final int ID_BYTES = 20;
  static final int EXTENT_BYTES = 16;

  /// What one discard or write-zeroes may name; each extent is work for the store.
  static final int EXTENTS_MAX = 32;

  /// 1 GiB, so that one extent does not keep a store busy for long.
  static final int EXTENT_SECTORS_MAX = 1 << 21;

  private static final int T_IN = 0;
  private static final int T_OUT = 1;
  private static final int T_FLUSH = 4;
  private static final int T_GET_ID = 8;
  private static final int T_DISCARD = 11;
  private static final int T_WRITE_ZEROES = 13;

  private static final int FLAG_UNMAP = 1;

  private static final BlockRequest IOERR = new Refused(BlockRequest.S_IOERR);
  private static final BlockRequest UNSUPP = new Refused(BlockRequest.S_UNSUPP);

  /// @throws GuestFault if there is no header or no status byte: then there is nobody to tell
  BlockRequest parse(DescriptorChain chain) {
    if (chain.readableBytes() < HEADER_BYTES || chain.writableBytes() < 1) {
      throw new GuestFault(
          "a block request with %d bytes to read and %d to write"
              .formatted(chain.readableBytes(), chain.writableBytes()));
    }
    ByteBuffer header = chain.copy(0, HEADER_BYTES);
    long sector = header.getLong(8);
    long out = chain.readableBytes() - HEADER_BYTES;
    long in = chain.writableBytes() - 1;
    return switch (header.getInt(0)) {
      case T_IN -> inside(sector, in) ? new BlockRequest.Read(sector << SECTOR_SHIFT, in) : IOERR;
      case T_OUT ->
          !readOnly && inside(sector, out)
              ? new BlockRequest.Write(sector << SECTOR_SHIFT, out)
              : IOERR;
      case T_FLUSH -> new BlockRequest.Flush();
      case T_GET_ID -> in >= ID_BYTES ? new BlockRequest.GetId() : IOERR;
      case T_DISCARD -> discard ? extents(chain, false) : UNSUPP;
      case T_WRITE_ZEROES -> writeZeroes ? extents(chain, true) : UNSUPP;
      default -> UNSUPP;
    };
  }

  /// Whether `bytes` are whole sectors, at least one, from `sector` on, without overflow.
  private boolean inside(long sector, long bytes) {
    long count = bytes >> SECTOR_SHIFT;
    return count > 0 && count << SECTOR_SHIFT == bytes && contains(sector, count);
  }

  private boolean contains(long sector, long count) {
    return sector >= 0 && sector <= sectors && count <= sectors - sector;
  }

  /// The whole list is checked before any of it is done (virtio 1.3, 5.2.6.2): each
  /// `le64 sector, le32 num_sectors, le32 flags`.
  private BlockRequest extents(DescriptorChain chain, boolean zeroes) {
    long bytes = chain.readableBytes() - HEADER_BYTES;
    long count = bytes / EXTENT_BYTES;
    if (readOnly || bytes % EXTENT_BYTES != 0 || count == 0 || count > EXTENTS_MAX) {
      return IOERR;
    }
    ByteBuffer list = chain.copy(HEADER_BYTES, (int) bytes);
    List<Extent> extents = new ArrayList<>((int) count);
    for (int at = 0; at < bytes; at += EXTENT_BYTES) {
      long sector = list.getLong(at);
      long length = Integer.toUnsignedLong(list.getInt(at + 8));
      int flags = list.getInt(at + 12);
      if ((flags & ~(zeroes ? FLAG_UNMAP : 0)) != 0) {
        return UNSUPP; // a discard always unmaps and must not say so (5.2.6.2)
      }
      if (length == 0 || length > EXTENT_SECTORS_MAX || !contains(sector, length)) {
        return IOERR;
      }
      extents.add(new Extent(sector << SECTOR_SHIFT, length << SECTOR_SHIFT, flags != 0));
    }
    return zeroes ? new BlockRequest.WriteZeroes(extents) : new BlockRequest.Discard(extents);
  }
}
