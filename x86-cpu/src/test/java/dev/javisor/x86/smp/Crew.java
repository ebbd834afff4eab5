package dev.javisor.x86.smp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.x86.block.BlockExecutor;
import dev.javisor.x86.code.OpExecutor;
import dev.javisor.x86.engine.EngineOptions;
import dev.javisor.x86.engine.SoftwareHypervisor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/// A machine whose vCPUs all run in long mode from the beginning, each its own payload to its end.
final class Crew implements AutoCloseable {
  static final int PORT = 0x10;
  static final int DATA = PayloadGuest.DATA;

  /// Less 0 by how many vCPUs have not come yet.
  static final int GATE = 0x2_E000;

  private static final int CODE = PayloadGuest.LONG_CODE;
  private static final int CODE_BYTES = 0x1000;
  private static final int STACKS = 0x30000;
  private static final int STACK_BYTES = 0x1000;

  private final SoftwareHypervisor hypervisor;
  private final PayloadGuest guest;
  private final List<LongMode> codes;

  private Crew(Supplier<BlockExecutor> executors, List<LongMode> codes) {
    this.codes = codes;
    this.hypervisor = new SoftwareHypervisor(EngineOptions.STANDARD.withExecutor(executors));
    this.guest = PayloadGuest.of(hypervisor, codes.getFirst(), codes.size());
    guest.ram().set(ValueLayout.JAVA_LONG, GATE, -(long) codes.size());
    codes.forEach(code -> guest.put(code.origin(), code.assemble()));
  }

  /// Vcpu `i` is about to run `codes[i]`, which begins at [#code].
  static Crew of(LongMode... codes) {
    return of(OpExecutor::new, codes);
  }

  static Crew of(Supplier<BlockExecutor> executors, LongMode... codes) {
    return new Crew(executors, List.of(codes));
  }

  /// To be vCPU `index`'s payload.
  static LongMode code(int index) {
    return new LongMode(CODE + index * CODE_BYTES);
  }

  PayloadGuest guest() {
    return guest;
  }

  long word(int gpa) {
    return guest.ram().get(ValueLayout.JAVA_LONG_UNALIGNED, gpa);
  }

  /// Runs all until each has come out with a number, which are returned.
  long[] run() throws InterruptedException, ExecutionException {
    long[] out = new long[codes.size()];
    VcpuState first = guest.vcpu().state();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<Long>> others = new ArrayList<>();
      for (int i = 1; i < codes.size(); i++) {
        int index = i;
        others.add(threads.submit(() -> runOther(index, first)));
      }
      out[0] = toOut(guest.vcpu());
      for (int i = 1; i < codes.size(); i++) {
        out[i] = others.get(i - 1).get();
      }
    }
    return out;
  }

  private long runOther(int index, VcpuState first) {
    LongMode code = codes.get(index);
    try (Vcpu vcpu = guest.vm().createVcpu(index)) {
      long stack = STACKS + (index + 1L) * STACK_BYTES;
      Registers registers = Registers.at(code.origin()).withRsp(stack);
      vcpu.state(vcpu.state().entering(registers, first.system()));
      return toOut(vcpu);
    }
  }

  private static long toOut(Vcpu vcpu) {
    VmExit.PortOut out = assertInstanceOf(VmExit.PortOut.class, PayloadGuest.run(vcpu));
    assertEquals(PORT, out.port());
    return PayloadGuest.little(out.data());
  }

  @Override
  public void close() {
    guest.close();
    hypervisor.close();
  }
}
