package dev.javisor.x86.engine;

import static dev.javisor.testkit.asm.Register.R10;
import static dev.javisor.testkit.asm.Register.R11;
import static dev.javisor.testkit.asm.Register.R9;
import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RDI;
import static dev.javisor.testkit.asm.Register.RDX;
import static dev.javisor.testkit.asm.Register.RSI;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.testkit.fake.MachineHash;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.memory.GuestRegion;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class VirtualTimeTest {
  private static final int NANOS = 10;
  private static final int HANDLER = 0x30000;
  private static final int VECTOR = 0x45;
  private static final long LOCAL_APIC = 0xFEE0_0000L;
  private static final int TSC_DEADLINE = 0x6E0;
  private static final int DEADLINE_AHEAD = 10_007;
  private static final int PERIOD = 997; // in the middle of blocks
  private static final int SAMPLES = 60;

  private static EngineOptions virtual() {
    return EngineOptions.STANDARD.withPace(new Pace(NANOS, 0));
  }

  /// Arithmetic on the time-stamp counter, a HLT now and then, and a timer that sets itself anew.
  private static LongMode busy() {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE);
    code.mov(RBX, LOCAL_APIC).store(RBX, 0xF0, 0x1FF).store(RBX, 0x320, 0x4_0000 | VECTOR);
    code.mov(R9, DEADLINE_AHEAD).mov(R10, PayloadGuest.DATA).mov(R11, 50).mov(RSI, 1).mov(RDI, 1);
    code.rdtsc().add(RAX, R9).mov(RCX, TSC_DEADLINE).wrmsr().sti();
    code.label("again").inc(RSI).imul(RDI, RSI).rdtsc().xor(RDI, RAX).inc(RDI);
    code.store(8, R10, 0, RDI).dec(R11).jnz("again");
    return code.hlt().mov(R11, 50).jmp("again");
  }

  private static LongMode handler() {
    LongMode code = new LongMode(HANDLER);
    code.push(RAX).push(RCX).push(RDX);
    code.rdtsc().add(RAX, R9).mov(RCX, TSC_DEADLINE).wrmsr().store(RBX, 0xB0, 0);
    return code.inc(RSI).pop(RDX).pop(RCX).pop(RAX).iretq();
  }

  private static PayloadGuest guest(SoftwareHypervisor engine) {
    PayloadGuest guest = PayloadGuest.of(engine, busy());
    guest.put(HANDLER, handler().assemble());
    return guest.gate(VECTOR, HANDLER);
  }

  /// Hashes of a guest, one each [#PERIOD], up to so many; then it asks for an exit.
  private static final class Hashes {
    private final List<Integer> seen = new ArrayList<>();
    private final int most;
    private List<GuestRegion> ram = List.of();

    Hashes(int most) {
      this.most = most;
    }

    EngineOptions options() {
      return virtual().withWatch(new CountWatch(PERIOD, this::note));
    }

    private void note(SoftwareVcpu vcpu, long instructions) {
      assertEquals(0, instructions % PERIOD);
      seen.add(MachineHash.of(vcpu.state(), ram));
      if (seen.size() >= most) {
        vcpu.requestExit();
      }
    }

    /// Runs until it has them all, whoever else kicks.
    List<Integer> run(PayloadGuest guest) {
      ram = List.of(guest.region());
      while (seen.size() < most) {
        assertInstanceOf(VmExit.Interrupted.class, guest.run());
      }
      return seen;
    }
  }

  private static List<Integer> run(int samples) {
    Hashes hashes = new Hashes(samples);
    try (SoftwareHypervisor engine = new SoftwareHypervisor(hashes.options());
        PayloadGuest guest = guest(engine)) {
      return hashes.run(guest);
    }
  }

  @Test
  void kicksFromOutsideChangeNothing() throws InterruptedException {
    List<Integer> quiet = run(SAMPLES);
    assertEquals(SAMPLES, quiet.stream().distinct().count());
    AtomicBoolean done = new AtomicBoolean();
    Hashes hashes = new Hashes(SAMPLES);
    try (SoftwareHypervisor engine = new SoftwareHypervisor(hashes.options());
        PayloadGuest guest = guest(engine)) {
      Thread kicker =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!done.get()) {
                      guest.vcpu().requestExit();
                      LockSupport.parkNanos(20_000);
                    }
                  });
      List<Integer> kicked = hashes.run(guest);
      done.set(true);
      kicker.join();
      assertEquals(quiet, kicked);
    }
  }

  @Test
  void oneByteThatNoCodeReadsChangesTheHash() {
    Hashes hashes = new Hashes(2);
    try (SoftwareHypervisor engine = new SoftwareHypervisor(hashes.options());
        PayloadGuest guest = guest(engine)) {
      guest.put(PayloadGuest.RAM_BYTES - 1, new byte[] {1});
      assertNotEquals(run(2), hashes.run(guest));
    }
  }

  @Test
  void aTimerIsHeardAtItsInstruction() {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE);
    code.mov(RBX, LOCAL_APIC).store(RBX, 0xF0, 0x1FF).store(RBX, 0x320, 0x4_0000 | VECTOR);
    code.mov(R9, DEADLINE_AHEAD).rdtsc().outEax(0x10);
    code.add(RAX, R9).mov(RCX, TSC_DEADLINE).wrmsr().sti();
    code.label("spin").inc(RSI).inc(RDI).inc(RSI).inc(RDI).inc(RSI).jmp("spin");
    try (SoftwareHypervisor engine = new SoftwareHypervisor(virtual());
        PayloadGuest guest = PayloadGuest.of(engine, code)) {
      guest.put(HANDLER, new LongMode(HANDLER).rdtsc().outEax(0x11).hlt().assemble());
      guest.gate(VECTOR, HANDLER);
      long from = guest.runToOut(0x10);
      long heard = Math.ceilDiv(from + DEADLINE_AHEAD, NANOS) * NANOS;
      assertEquals(heard + NANOS, guest.runToOut(0x11), "RDTSC counts itself");
    }
  }

  /// An hour passes in no time.
  @Test
  void aHaltSkipsToTheDeadline() {
    long hour = 3_600_000_000_000L;
    LongMode code = new LongMode(PayloadGuest.LONG_CODE);
    code.mov(RBX, LOCAL_APIC).store(RBX, 0xF0, 0x1FF).store(RBX, 0x320, 0x4_0000 | VECTOR);
    code.mov(RAX, hour & 0xFFFF_FFFFL).mov(RDX, hour >>> 32).mov(RCX, TSC_DEADLINE).wrmsr();
    code.sti().hlt();
    try (SoftwareHypervisor engine = new SoftwareHypervisor(virtual());
        PayloadGuest guest = PayloadGuest.of(engine, code)) {
      guest.put(
          HANDLER,
          new LongMode(HANDLER).rdtsc().outEax(0x11).mov(RAX, RDX).outEax(0x12).assemble());
      guest.gate(VECTOR, HANDLER);
      assertEquals((hour & 0xFFFF_FFFFL) + NANOS, guest.runToOut(0x11), "RDTSC counts itself");
      assertEquals(hour >>> 32, guest.runToOut(0x12));
    }
  }

  /// The device's thread sleeps, and its back end answers later still: the guest has not moved.
  @Test
  void aDeviceWorksWhileTheGuestStandsStill() throws InterruptedException {
    long atOnce = loopsUntilAnswered(0);
    assertNotEquals(0, atOnce);
    assertEquals(atOnce, loopsUntilAnswered(30));
    assertEquals(atOnce, loopsUntilAnswered(5));
  }

  private static long loopsUntilAnswered(long millis) throws InterruptedException {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE);
    code.mov(RBX, PayloadGuest.NOWHERE).mov(R10, PayloadGuest.DATA).mov(RAX, 0).mov(RSI, 0);
    code.store(4, RBX, 0, RAX).label("again").inc(RSI).load(1, RAX, R10, 0).test(RAX, RAX);
    code.jz("again").mov(RAX, RSI).outEax(0x10);
    try (SoftwareHypervisor engine = new SoftwareHypervisor(virtual());
        PayloadGuest guest = PayloadGuest.of(engine, code);
        Doorbell bell = guest.vm().createDoorbell()) {
      guest.vm().connect(bell, PayloadGuest.NOWHERE, 0);
      AtomicBoolean done = new AtomicBoolean();
      Thread device = Thread.ofPlatform().start(() -> serve(guest, bell, millis, done));
      long loops = guest.runToOut(0x10);
      done.set(true);
      device.join();
      return loops;
    }
  }

  /// Takes a kick, has a back end answer it after `millis`, and then says so to the guest.
  private static void serve(PayloadGuest guest, Doorbell bell, long millis, AtomicBoolean done) {
    assertTrue(bell.await(-1));
    AtomicBoolean answered = new AtomicBoolean();
    PayloadGuest.later(
        millis,
        () -> {
          answered.set(true);
          bell.ring();
        });
    while (!done.get()) {
      boolean isAnswered = answered.get();
      if (isAnswered) {
        guest.ram().set(ValueLayout.JAVA_BYTE, PayloadGuest.DATA, (byte) 1);
      }
      bell.holds(!isAnswered);
      boolean unused = bell.await(1_000_000);
    }
  }

  /// Saved in the middle of a block: no other process would see where.
  @Test
  void whatIsSavedGoesOnToTheSameHashesInAFreshProcess(@TempDir Path directory)
      throws IOException, InterruptedException {
    List<Integer> all = run(SAMPLES);
    Path saved = directory.resolve("state");
    Hashes hashes = new Hashes(SAMPLES / 2);
    try (SoftwareHypervisor engine = new SoftwareHypervisor(hashes.options());
        PayloadGuest guest = guest(engine)) {
      List<Integer> unused = hashes.run(guest);
      Files.write(saved, guest.save());
    }
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Continuation.class.getName(),
            saved.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    assertEquals(all.subList(SAMPLES / 2, SAMPLES).toString(), said.strip());
  }

  /// The other process.
  static final class Continuation {
    private Continuation() {}

    public static void main(String[] arguments) throws IOException {
      Hashes hashes = new Hashes(SAMPLES / 2);
      try (SoftwareHypervisor engine = new SoftwareHypervisor(hashes.options());
          PayloadGuest guest = new PayloadGuest(engine, 1)) {
        guest.load(Files.readAllBytes(Path.of(arguments[0])));
        System.out.println(hashes.run(guest));
      }
    }
  }

  @Test
  void severalVcpusAreRefused() {
    try (SoftwareHypervisor engine = new SoftwareHypervisor(virtual())) {
      assertThrows(IllegalArgumentException.class, () -> engine.createMachine(2));
    }
  }
}
