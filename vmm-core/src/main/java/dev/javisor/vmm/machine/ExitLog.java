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
  private final VmExit[] lastExits = new VmExit[LAST];
  private final boolean traced;
  private final Map<String, Long> byAddress = new TreeMap<>();
  private volatile long total;

  public ExitLog(boolean traced) {
    this.traced = traced;
  }

  /// Notes one exit. The vCPU's thread.
  void note(VmExit exit) {
    long sequence = total;
    lastExits[(int) (sequence % LAST)] = exit;
    counts[kind(exit).ordinal()]++;
    total = sequence + 1; // publishes the above
    if (traced) {
      trace(exit);
    }
  }

  /// (No `switch`, as in [VcpuLoop].)
  private static Kind kind(VmExit exit) {
    if (exit instanceof VmExit.PortOut) {
      return Kind.PORT_OUT;
    } else if (exit instanceof VmExit.PortIn) {
      return Kind.PORT_IN;
    } else if (exit instanceof VmExit.MmioWrite) {
      return Kind.MMIO_WRITE;
    } else if (exit instanceof VmExit.MmioRead) {
      return Kind.MMIO_READ;
    } else if (exit instanceof VmExit.Halted) {
      return Kind.HALT;
    }
    return exit instanceof VmExit.Interrupted ? Kind.INTERRUPTED : Kind.OTHER;
  }

  /// Kind and address, or the engine's number for it: `PORT_OUT 0x3f8`.
  private static String row(VmExit exit) {
    long address =
        switch (exit) {
          case VmExit.PortOut out -> out.port();
          case VmExit.PortIn in -> in.port();
          case VmExit.MmioWrite write -> write.gpa();
          case VmExit.MmioRead read -> read.gpa();
          case VmExit.Unknown unknown -> unknown.reason();
          default -> 0;
        };
    return "%s 0x%x".formatted(kind(exit), address);
  }

  private void trace(VmExit exit) {
    String key = row(exit);
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
      rows.add(row(lastExits[(int) (i % LAST)]));
    }
    return rows;
  }
}
