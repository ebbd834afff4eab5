package dev.javisor.benchmarks;

import dev.javisor.linux.call.Syscall;
import dev.javisor.linux.fd.EventFd;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// Calls that every Linux has: the binding on a processor without a usable KVM. The names are
/// `call_binding`, as `calls.c` prints them.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SystemCallBenchmark {
  private static final int GETPPID = 110;
  private static final int FIONREAD = 0x541B;

  private final Arena arena = Arena.ofShared();
  private final long one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1).address();
  private final EventFd eventFd = EventFd.create("benchmark");

  /// Fails with ENOTTY, as far as the way to a driver and the errno go like any ioctl.
  @Benchmark
  public long ioctl_ffm() {
    return Syscall.invoke(Syscall.IOCTL, eventFd.number(), FIONREAD, one, 0, 0, 0);
  }

  @Benchmark
  public long ioctl_jna() {
    return Jna.invoke(Syscall.IOCTL, eventFd.number(), FIONREAD, one);
  }

  @Benchmark
  public long getppid_ffm() {
    return Syscall.invoke(GETPPID, 0, 0, 0, 0, 0, 0);
  }

  @Benchmark
  public long getppid_jna() {
    return Jna.invoke(GETPPID, 0, 0, 0);
  }

  @Benchmark
  public long eventfd_ffm() {
    return Syscall.invoke(Syscall.WRITE, eventFd.number(), one, 8, 0, 0, 0);
  }

  @Benchmark
  public long eventfd_jna() {
    return Jna.invoke(Syscall.WRITE, eventFd.number(), one, 8);
  }

  @Setup
  public void checked() {
    if (ioctl_ffm() != ioctl_jna() || ioctl_ffm() >= 0 || getppid_ffm() != getppid_jna()) {
      throw new IllegalStateException("the bindings disagree");
    }
  }

  @TearDown
  public void close() {
    eventFd.close();
    arena.close();
  }
}
