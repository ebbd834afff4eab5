package dev.javisor.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.RealMode;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// A machine of 512 KiB whose vCPU 0 belongs to the thread that makes it, and a payload in it.
public final class PayloadGuest implements AutoCloseable {
  /// Where payloads are assembled for.
  public static final int REAL_CODE = 0x1000;

  public static final int LONG_CODE = 0x10000;

  /// Free for payloads' data.
  public static final int DATA = 0x40000;

  public static final int RAM_BYTES = 0x80000;

  /// Where nothing is: neither RAM nor a chip.
  public static final long NOWHERE = 0xD000_0000L;

  /// No guest here runs longer than some milliseconds; a whole machine may be busy.
  private static final long HANGS_AFTER_SECONDS = 30;

  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon(true).name("payload-watch").factory());

  private final Arena arena = Arena.ofShared();
  private final MemorySegment ram;
  private final GuestRegion region;
  private final VirtualMachine vm;
  private final Vcpu vcpu;

  /// A buffer's memory: an arena clears its own eight bytes at a time, in Java, which until it is
  /// compiled takes longer than all else here.
  private static MemorySegment clearedPages(int bytes) {
    ByteBuffer roomy = ByteBuffer.allocateDirect(bytes + (int) GuestRegion.PAGE_BYTES);
    return MemorySegment.ofBuffer(roomy.alignedSlice((int) GuestRegion.PAGE_BYTES).slice(0, bytes));
  }

  /// A machine without a payload: to be loaded.
  public PayloadGuest(Hypervisor hypervisor, int vcpuCount) {
    this(hypervisor, vcpuCount, clearedPages(RAM_BYTES));
  }

  private PayloadGuest(Hypervisor hypervisor, int vcpuCount, MemorySegment ram) {
    this.ram = ram;
    region = new GuestRegion(0, ram, false);
    vm = hypervisor.createMachine(vcpuCount);
    vm.map(region);
    vcpu = vm.createVcpu(0);
  }

  /// About to run `code` in real mode.
  public static PayloadGuest of(Hypervisor hypervisor, RealMode code) {
    return of(hypervisor, code, clearedPages(RAM_BYTES));
  }

  /// The same in pages of the caller's, [#RAM_BYTES] of them, zeroed.
  public static PayloadGuest of(Hypervisor hypervisor, RealMode code, MemorySegment ram) {
    PayloadGuest guest = new PayloadGuest(hypervisor, 1, ram);
    guest.put(code.origin(), code.assemble());
    EntryStates.enterRealMode(guest.vcpu, code.origin());
    return guest;
  }

  /// About to run `code` in long mode.
  public static PayloadGuest of(Hypervisor hypervisor, LongMode code) {
    return of(hypervisor, code, 1);
  }

  public static PayloadGuest of(Hypervisor hypervisor, LongMode code, int vcpuCount) {
    PayloadGuest guest = new PayloadGuest(hypervisor, vcpuCount);
    guest.put(code.origin(), code.assemble());
    EntryStates.enterLongMode(guest.vcpu, guest.ram, code.origin());
    return guest;
  }

  public void put(int gpa, byte[] bytes) {
    ram.asSlice(gpa, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
  }

  /// Sends interrupt `vector` of long mode to `handler`.
  public PayloadGuest gate(int vector, int handler) {
    EntryStates.writeGate(ram, vector, handler);
    return this;
  }

  /// A page at `gpa` that the guest may only read; the host's end of it.
  public MemorySegment mapRom(long gpa) {
    MemorySegment page = arena.allocate(GuestRegion.PAGE_BYTES, GuestRegion.PAGE_BYTES);
    vm.map(new GuestRegion(gpa, page, true));
    return page;
  }

  public VirtualMachine vm() {
    return vm;
  }

  public Vcpu vcpu() {
    return vcpu;
  }

  public MemorySegment ram() {
    return ram;
  }

  public GuestRegion region() {
    return region;
  }

  public int ramByte(int gpa) {
    return ram.get(ValueLayout.JAVA_BYTE, gpa) & 0xFF;
  }

  /// Runs to the next exit of vCPU 0.
  public VmExit run() {
    return run(vcpu);
  }

  /// Runs to the next exit; a guest that hangs fails the test.
  public static VmExit run(Vcpu vcpu) {
    AtomicBoolean hung = new AtomicBoolean();
    ScheduledFuture<?> watch =
        WATCH.schedule(
            () -> {
              hung.set(true);
              vcpu.requestExit();
            },
            HANGS_AFTER_SECONDS,
            TimeUnit.SECONDS);
    VmExit exit = vcpu.run();
    watch.cancel(false);
    if (hung.get()) {
      fail("no exit within " + HANGS_AFTER_SECONDS + " s");
    }
    return exit;
  }

  /// Runs; the exit must be of type `expected`.
  public <E extends VmExit> E run(Class<E> expected) {
    return assertInstanceOf(expected, run());
  }

  /// Runs to an `OUT` of one item to `port`; what came out.
  public long runToOut(int port) {
    VmExit.PortOut out = run(VmExit.PortOut.class);
    assertEquals(port, out.port(), "port");
    assertEquals(1, out.count(), "count");
    return little(out.data());
  }

  /// Runs for `millis`; nothing may come of it but the end of that time.
  public void runQuietly(long millis) {
    ScheduledFuture<?> kick = WATCH.schedule(vcpu::requestExit, millis, TimeUnit.MILLISECONDS);
    run(VmExit.Interrupted.class);
    kick.cancel(false);
  }

  /// Does `task` in `millis` on another thread.
  public static void later(long millis, Runnable task) {
    WATCH.schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  /// The little-endian number in `bytes`, at most eight of them.
  public static long little(ByteBuffer bytes) {
    long value = 0;
    for (int i = bytes.limit() - 1; i >= 0; i--) {
      value = value << 8 | bytes.get(i) & 0xFF;
    }
    return value;
  }

  /// A copy of the bytes of a port access.
  public static byte[] array(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.limit()];
    bytes.get(0, copy);
    return copy;
  }

  /// Chips, vCPU 0 and RAM, as bytes.
  public byte[] save() {
    StateWriter out = new StateWriter();
    vm.save(out);
    vcpu.state().save(out, 0);
    out.putBytes(ram.toArray(ValueLayout.JAVA_BYTE));
    return out.toByteArray();
  }

  /// Becomes what [#save] wrote.
  public void load(byte[] saved) {
    StateReader in = new StateReader(saved);
    vm.load(in);
    VcpuState state = VcpuState.load(in, 0);
    ram.copyFrom(MemorySegment.ofArray(in.getBytes(RAM_BYTES)));
    vcpu.state(state);
  }

  @Override
  public void close() {
    vcpu.close();
    vm.close();
    arena.close();
  }
}
