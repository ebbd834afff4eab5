package dev.javisor.linux.backend;

import dev.javisor.linux.call.Errno;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.call.Syscall;
import dev.javisor.linux.call.SyscallException;
import dev.javisor.linux.fd.EventFd;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.backend.PacketPort;
import dev.javisor.vmm.machine.MachineThread;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// A TAP interface of the host with virtio headers (linux 6.12,
/// Documentation/networking/tuntap.rst). Its thread only waits for frames; sending and receiving
/// never block and may come from one thread each.
public final class TapPort implements PacketPort {
  private static final int IFNAMSIZ = 16;
  private static final int IFF_TAP = 0x2;
  private static final int IFF_NO_PI = 0x1000;
  private static final int IFF_VNET_HDR = 0x4000;
  private static final long TUNSETIFF = 0x400454CAL;
  private static final long TUNSETOFFLOAD = 0x400454D0L;
  private static final long TUNSETVNETHDRSZ = 0x400454D8L;
  private static final int TUN_F_CSUM = 1;
  private static final int TUN_F_TSO4 = 2;
  private static final int TUN_F_TSO6 = 4;
  private static final int VNET_HEADER_BYTES = 12;
  private static final int O_NONBLOCK = 0x800;
  private static final short POLLIN = 1;
  private static final int STEP_MILLIS = 200;

  private final Fd fd;
  private final EventFd armed = EventFd.create("tap waiter");
  private final Arena arena = Arena.ofShared();
  private final MachineThread waiter;
  private volatile Runnable ready = () -> {};
  private volatile boolean closed;

  private TapPort(Fd fd, Consumer<Throwable> onFailure) {
    this.fd = fd;
    this.waiter = MachineThread.start("tap", this::awaitFrames, onFailure);
  }

  /// Opens interface `name`, making it if there is none and this user may.
  ///
  /// @param onFailure told if the port's thread dies
  /// @throws IOException in one line: what is wrong and what to do
  public static TapPort open(String name, Consumer<Throwable> onFailure) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length == 0 || bytes.length >= IFNAMSIZ) {
      throw new IOException("tap=" + name + ": a name has 1 to 15 characters");
    }
    long number = Fd.tryOpen("/dev/net/tun", Fd.O_RDWR | O_NONBLOCK);
    if (number < 0) {
      throw new IOException(
          "/dev/net/tun: " + Errno.name((int) -number) + "; is the tun module there?");
    }
    Fd fd = Fd.of(number, "tap " + name);
    try {
      attach(fd, bytes);
      return new TapPort(fd, onFailure);
    } catch (SyscallException e) {
      fd.close();
      throw new IOException("tap=" + name + ": " + remedy(name, e), e);
    }
  }

  private static void attach(Fd fd, byte[] name) {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct ifreq = NativeStruct.allocate(40, scratch);
      ifreq.bytes().put(0, name);
      ifreq.bytes().putShort(IFNAMSIZ, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
      fd.ioctl("TUNSETIFF", TUNSETIFF, ifreq);
      NativeStruct headerBytes = NativeStruct.allocate(Integer.BYTES, scratch);
      headerBytes.bytes().putInt(0, VNET_HEADER_BYTES);
      fd.ioctl("TUNSETVNETHDRSZ", TUNSETVNETHDRSZ, headerBytes);
      fd.ioctl("TUNSETOFFLOAD", TUNSETOFFLOAD, 0);
    }
  }

  private static String remedy(String name, SyscallException e) {
    return switch (e.errno()) {
      case Errno.EPERM, Errno.EACCES ->
          "not allowed; once, as root: ip tuntap add %s mode tap user $USER".formatted(name);
      case Errno.EBUSY -> "in use by another machine";
      default -> String.valueOf(e.getMessage());
    };
  }

  @Override
  public int receive(MemorySegment target) {
    long result = Syscall.invoke(Syscall.READ, fd.number(), target.address(), target.byteSize());
    if (result > 0) {
      return (int) result;
    }
    // EAGAIN: none waits. Anything else (the interface went down) is the same to a guest.
    armed.signal();
    return 0;
  }

  @Override
  public boolean send(MemorySegment frame) {
    return Syscall.invoke(Syscall.WRITE, fd.number(), frame.address(), frame.byteSize()) > 0;
  }

  @Override
  public void onReadable(Runnable newReady) {
    ready = newReady;
    armed.signal();
  }

  /// Sleeps until somebody found nothing to receive, then until there is something, and says so.
  private void awaitFrames() {
    NativeStruct poll = NativeStruct.allocate(8, arena);
    poll.bytes().putInt(0, fd.number()).putShort(4, POLLIN);
    while (!closed) {
      armed.await(-1);
      // In steps, so that a closed port is noticed: closing does not wake a poll.
      while (!closed && !frameWaits(poll)) {}
      if (!closed) {
        ready.run();
      }
    }
  }

  private boolean frameWaits(NativeStruct poll) {
    boolean ready = Syscall.invoke(Syscall.POLL, poll.address(), 1, STEP_MILLIS) > 0;
    boolean frame = ready && (poll.bytes().getShort(6) & POLLIN) != 0;
    if (ready && !frame) {
      // A deleted interface is in error for ever: nothing to read, and no reason to spin.
      armed.await(STEP_MILLIS * 1_000_000L);
    }
    return frame;
  }

  @Override
  public void guestOffloads(boolean checksum, boolean tso4, boolean tso6) {
    int flags = checksum ? TUN_F_CSUM | (tso4 ? TUN_F_TSO4 : 0) | (tso6 ? TUN_F_TSO6 : 0) : 0;
    fd.ioctl("TUNSETOFFLOAD", TUNSETOFFLOAD, flags);
  }

  @Override
  public boolean offloads() {
    return true;
  }

  @Override
  public void close() {
    closed = true;
    armed.signal();
    if (waiter.join(2_000)) {
      armed.close();
      fd.close();
      arena.close();
    }
  }
}
