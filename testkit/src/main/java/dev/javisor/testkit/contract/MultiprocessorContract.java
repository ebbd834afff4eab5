package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.RealMode;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VmExit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// A second vCPU waits for INIT and SIPI from the first one's payload (SDM 3A, 9.4.4.1).
public abstract class MultiprocessorContract extends EngineContract {
  private static final int TRAMPOLINE = 0x8000;

  /// INIT, SIPI, SIPI to APIC id 1, by the interrupt command register.
  private LongMode starter() {
    LongMode code = longMode().mov(RBX, 0xFEE0_0000L).store(RBX, 0xF0, 0x1FF);
    for (int command : new int[] {0x4500, 0x4600 | TRAMPOLINE >> 12, 0x4600 | TRAMPOLINE >> 12}) {
      code.store(RBX, 0x310, 1 << 24).store(RBX, 0x300, command);
    }
    return code.outAl(0x10).label("rest").hlt().jmp("rest");
  }

  private PayloadGuest starting() {
    PayloadGuest guest = own(PayloadGuest.of(hypervisor(), starter(), 2));
    guest.put(
        TRAMPOLINE,
        new RealMode(0).movAxCs().movDx(0x30).outDxAx().label("here").jmp("here").assemble());
    return guest;
  }

  /// Vcpu 1 on a thread of its own: made, used and closed there.
  private static <T> Future<T> onSecond(
      ExecutorService thread, PayloadGuest guest, SecondBody<T> body) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Future<?> unused =
        thread.submit(
            () -> {
              try (Vcpu second = guest.vm().createVcpu(1)) {
                result.complete(body.run(second));
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }

  private interface SecondBody<T> {
    T run(Vcpu second) throws Exception;
  }

  @Test
  void theSecondStartsWhereTheFirstSendsIt() throws ExecutionException, InterruptedException {
    PayloadGuest guest = starting();
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      CompletableFuture<Void> made = new CompletableFuture<>();
      Future<Long> segment =
          onSecond(
              thread,
              guest,
              second -> {
                made.complete(null);
                VmExit exit = PayloadGuest.run(second);
                VmExit.PortOut out = assertInstanceOf(VmExit.PortOut.class, exit);
                assertEquals(0x30, out.port());
                return PayloadGuest.little(out.data());
              });
      made.get();
      guest.runToOut(0x10);
      assertEquals(TRAMPOLINE >> 4, segment.get());
    }
  }

  @Test
  void theSecondIsWaitingUntilThen() throws ExecutionException, InterruptedException {
    PayloadGuest guest = starting();
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      VcpuState state = onSecond(thread, guest, Vcpu::state).get();
      assertEquals(VcpuState.RunState.UNINITIALIZED, state.runState());
      assertEquals(VcpuState.RunState.RUNNABLE, guest.vcpu().state().runState());
    }
  }

  @Test
  void aWaitingSecondCanBeKicked() throws ExecutionException, InterruptedException {
    PayloadGuest guest = starting();
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<Boolean> kicked =
          onSecond(
              thread,
              guest,
              second -> {
                for (int i = 0; i < 5; i++) {
                  PayloadGuest.later(10, second::requestExit);
                  assertInstanceOf(VmExit.Interrupted.class, PayloadGuest.run(second));
                }
                second.requestExit();
                return PayloadGuest.run(second) instanceof VmExit.Interrupted;
              });
      assertTrue(kicked.get());
    }
  }

  @Test
  void bothRunAtTheSameTime() throws ExecutionException, InterruptedException {
    PayloadGuest guest = starting();
    // each counts its own byte up until it sees the other's change, so neither ends alone
    LongMode first = longMode().mov(RBX, 0xFEE0_0000L).store(RBX, 0xF0, 0x1FF);
    for (int command : new int[] {0x4500, 0x4600 | TRAMPOLINE >> 12}) {
      first.store(RBX, 0x310, 1 << 24).store(RBX, 0x300, command);
    }
    first
        .mov(RBX, 0x6000)
        .movAl(1)
        .store(1, RBX, 0, RAX)
        .label("wait")
        .load(1, RCX, RBX, 1)
        .test(RCX, RCX)
        .jz("wait")
        .outAl(0x10);
    guest.put(first.origin(), first.assemble());
    RealMode second =
        new RealMode(0)
            .movAx(0)
            .bytes(0x8E, 0xD8) // mov ds, ax
            .label("wait")
            .loadAl(0x6000)
            .bytes(0x84, 0xC0) // test al, al
            .jz("wait")
            .storeAl(0x6001)
            .outAl(0x30);
    guest.put(TRAMPOLINE, second.assemble());
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      CompletableFuture<Void> made = new CompletableFuture<>();
      Future<Boolean> out =
          onSecond(
              thread,
              guest,
              vcpu -> {
                made.complete(null);
                return PayloadGuest.run(vcpu) instanceof VmExit.PortOut;
              });
      made.get();
      guest.runToOut(0x10);
      assertTrue(out.get());
    }
  }
}
