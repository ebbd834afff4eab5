package dev.javisor.vmm.machine;

import dev.javisor.vmm.hypervisor.VmExit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What one vCPU exited for: how often of each kind, the last few for a crash report, and, when
/// tracing was asked for, how often by address. One thread writes; readers get a recent picture.
public final class ExitLog {
  private static final int LAST = 32;

  /// A guest can exit for any of 2^52 addresses; a trace remembers this many.
  private static final int ADDRESSES_MAX = 4096;

  /// The kinds an exit is counted under, in the order of a report.
  public enum Kind {
    PORT_IN,
    PORT_OUT,
    MMIO_READ,
    MMIO_WRITE,
    HALT,
    INTERRUPTED,
    OTHER
  }

  private static final Kind[] KINDS = Kind.values();

  private final long[] counts = new long[KINDS.length];
  private final byte[] lastKinds = new byte[LAST];
  private final long[] lastAddresses = new long[LAST];
  private final boolean traced;
  private final Map<String, Long> byAddress = new TreeMap<>();
  private volatile long total;

  public ExitLog(boolean traced) {
    this.traced = traced;
  }

  /// Notes one exit. The vCPU's thread. (No `switch`, as in [VcpuLoop].)
  void note(VmExit exit) {
    if (exit instanceof VmExit.PortOut out) {
      note(Kind.PORT_OUT, out.port());
    } else if (exit instanceof VmExit.PortIn in) {
      note(Kind.PORT_IN, in.port());
    } else if (exit instanceof VmExit.MmioWrite write) {
      note(Kind.MMIO_WRITE, write.gpa());
    } else if (exit instanceof VmExit.MmioRead read) {
      note(Kind.MMIO_READ, read.gpa());
    } else {
      noteRare(exit);
    }
  }

  private void noteRare(VmExit exit) {
    if (exit instanceof VmExit.Halted) {
      note(Kind.HALT, 0);
    } else if (exit instanceof VmExit.Interrupted) {
      note(Kind.INTERRUPTED, 0);
    } else {
      note(Kind.OTHER, exit instanceof VmExit.Unknown unknown ? unknown.reason() : 0);
    }
  }

  private void note(Kind kind, long address) {
    long sequence = total;
    int at = (int) (sequence % LAST);
    lastKinds[at] = (byte) kind.ordinal();
    lastAddresses[at] = address;
    counts[kind.ordinal()]++;
    total = sequence + 1; // publishes the above
    if (traced) {
      trace(kind, address);
    }
  }

  private void trace(Kind kind, long address) {
    String key = "%s 0x%x".formatted(kind, address);
    synchronized (byAddress) {
      if (byAddress.size() < ADDRESSES_MAX || byAddress.containsKey(key)) {
        byAddress.merge(key, 1L, Long::sum);
      }
    }
  }

  public long total() {
    return total;
  }

  public long count(Kind kind) {
    long published = total;
    return published == 0 ? 0 : counts[kind.ordinal()];
  }

  /// `PORT_OUT 0x3f8` and how often, most frequent first; empty unless traced.
  public List<Map.Entry<String, Long>> byAddress() {
    synchronized (byAddress) {
      List<Map.Entry<String, Long>> rows = new ArrayList<>();
      byAddress.forEach((key, count) -> rows.add(Map.entry(key, count)));
      rows.sort(Map.Entry.<String, Long>comparingByValue().reversed());
      return rows;
    }
  }

  /// The last exits, oldest first.
  public List<String> last() {
    List<String> rows = new ArrayList<>();
    long end = total;
    for (long i = Math.max(0, end - LAST); i < end; i++) {
      int at = (int) (i % LAST);
      rows.add("%s 0x%x".formatted(KINDS[lastKinds[at]], lastAddresses[at]));
    }
    return rows;
  }
}
