package dev.javisor.benchmarks;

import com.sun.jna.Pointer;
import dev.javisor.kvm.KvmHypervisor;
import dev.javisor.kvm.abi.Requests;
import dev.javisor.linux.call.Syscall;
import dev.javisor.testkit.asm.RealMode;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.VmExit;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// `/dev/kvm`: FFM is the product's own way to an exit, the object it becomes included; JNA and C
/// read the same fields from a vCPU with the same signal mask.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open() first
public class KvmBenchmark {
  private KvmHypervisor kvm;
  private PayloadGuest guest;
  private RawVcpu raw;
  private Pointer page;

  /// On the benchmark's thread, which is the vCPU's.
  @Setup
  public void open() {
    kvm = KvmHypervisor.open();
    guest =
        PayloadGuest.of(
            kvm, new RealMode(PayloadGuest.REAL_CODE).label("again").outAl(0x10).jmp("again"));
    raw = new RawVcpu();
    page = new Pointer(raw.page().address());
  }

  @Benchmark
  public long version_ffm() {
    return Syscall.invoke(
        Syscall.IOCTL, raw.kvm().number(), Requests.KVM_GET_API_VERSION, 0, 0, 0, 0);
  }

  @Benchmark
  public long version_jna() {
    return Jna.invoke(Syscall.IOCTL, raw.kvm().number(), Requests.KVM_GET_API_VERSION, 0);
  }

  @Benchmark
  public VmExit immediate_ffm() {
    return guest.vcpu().completeExit();
  }

  @Benchmark
  public long immediate_jna() {
    page.setByte(RawVcpu.IMMEDIATE_EXIT, (byte) 1);
    long result = Jna.invoke(Syscall.IOCTL, raw.vcpu().number(), Requests.KVM_RUN, 0);
    page.setByte(RawVcpu.IMMEDIATE_EXIT, (byte) 0);
    return result;
  }

  @Benchmark
  public int exit_ffm() {
    if (!(guest.vcpu().run() instanceof VmExit.PortOut out)) {
      throw new IllegalStateException("no port exit");
    }
    return out.port() + out.data().get(0);
  }

  @Benchmark
  public int exit_jna() {
    long result = Jna.invoke(Syscall.IOCTL, raw.vcpu().number(), Requests.KVM_RUN, 0);
    if (result != 0 || page.getInt(RawVcpu.EXIT_REASON) != RawVcpu.EXIT_IO) {
      throw new IllegalStateException("no port exit: " + result);
    }
    int bytes = page.getByte(RawVcpu.IO + 1) * page.getInt(RawVcpu.IO + 4);
    byte data = page.getByte(page.getLong(RawVcpu.IO + 8));
    return page.getByte(RawVcpu.IO) + page.getShort(RawVcpu.IO + 2) + bytes + data;
  }

  @TearDown
  public void close() {
    guest.close();
    raw.close();
    kvm.close();
  }
}
