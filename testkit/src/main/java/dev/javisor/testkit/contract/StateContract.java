package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.R8;
import static dev.javisor.testkit.asm.Register.R9;
import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.RealMode;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.DebugRegisters;
import dev.javisor.vmm.hypervisor.VcpuState.DescriptorTable;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.irq.MsiTarget;
import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A vCPU's state can be read, written down, and become that of another one, which goes on as the
/// first would have; in another process too.
public abstract class StateContract extends EngineContract {
  /// What runs on between two looks: the TSC, and two of Hyper-V's.
  private static final Set<Integer> CLOCKS = Set.of(0x10, 0x4000_0010, 0x4000_0020);

  private static final int MSR_SYSENTER_CS = 0x174;
  private static final int MSR_SYSENTER_ESP = 0x175;
  private static final int MSR_PAT = 0x277;
  private static final int MSR_STAR = 0xC000_0081;
  private static final int MSR_LSTAR = 0xC000_0082;
  private static final int MSR_FMASK = 0xC000_0084;
  private static final int MSR_KERNEL_GS_BASE = 0xC000_0102;
  private static final int XSAVE_XMM0 = 160; // SDM 1, table 10-2
  private static final int XSAVE_PRESENT = 512;
  private static final long LOCAL_APIC = 0xFEE0_0000L;

  // ---- one vCPU ----

  @Test
  void whatIsSetIsWhatIsGot() {
    PayloadGuest guest = guest(longMode().outAl(0x10).hlt());
    guest.runToOut(0x10);
    complete(guest);
    VcpuState wanted = distinct(guest.vcpu().state());
    guest.vcpu().state(wanted);
    assertSame(wanted, guest.vcpu().state());
    guest.vcpu().state(guest.vcpu().state());
    assertSame(wanted, guest.vcpu().state());
  }

  /// Another value in everything that may have one.
  private static VcpuState distinct(VcpuState s) {
    SystemRegisters y = s.system();
    byte[] xsave = s.xsave().clone();
    for (int i = 0; i < 256; i++) {
      xsave[XSAVE_XMM0 + i] = (byte) (i + 1);
    }
    xsave[XSAVE_PRESENT] |= 3; // x87 and SSE are not in their initial state
    SortedMap<Integer, Long> msrs = new TreeMap<>(s.msrs());
    msrs.put(MSR_SYSENTER_CS, 0x10L);
    msrs.put(MSR_SYSENTER_ESP, 0x1234_5678L); // AMD keeps 32 bits
    msrs.put(MSR_PAT, 0x0007_0106_0007_0106L);
    msrs.put(MSR_STAR, 0x0023_0010_0000_0000L);
    msrs.put(MSR_LSTAR, 0xFFFF_8000_0000_1000L);
    msrs.put(MSR_FMASK, 0x4_7700L);
    msrs.put(MSR_KERNEL_GS_BASE, 0x1234_5000L);
    return new VcpuState(
        new Registers(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, y.gdt().base(), 0x246),
        new SystemRegisters(
            y.cs(),
            y.ds(),
            new Segment(0x1000, 0xFFFF, 0x2B, 0x00F3),
            new Segment(0x1234_5678_0000L, -1, 0, 0xC093),
            new Segment(-0x1000, -1, 0, 0xC093),
            y.ss(),
            new Segment(0x5000, 0x67, 0x30, Segment.TSS_BUSY),
            new Segment(0x6000, 0xFF, 0x38, 0x0082),
            new DescriptorTable(0xFFFF_8000_0000_2000L, 0x7F),
            new DescriptorTable(0xFFFF_8000_0000_3000L, 0xFFF),
            y.cr0(),
            0xDEAD_B000L,
            y.cr3(),
            y.cr4(),
            5,
            y.efer(),
            y.apicBase()),
        xsave,
        s.xcr0() == 0 ? 0 : s.xcr0() | 2,
        new DebugRegisters(0x1000, 0x2000, 0x3000, 0x4000, 0xFFFF_0FF1L, 0x402),
        msrs,
        s.tscKhz(),
        withTaskPriority(s.apic(), 0x50),
        new VcpuState.Events(-1, false, false, 0, false, 0, -1, false, 0, false, 0, true, 0, -1),
        s.runState());
  }

  /// CR8 and the local APIC's task priority are one register (SDM 3A, 11.8.6).
  private static byte[] withTaskPriority(byte[] apic, int priority) {
    byte[] changed = apic.clone();
    changed[0x80] = (byte) priority;
    changed[0xA0] = (byte) priority;
    return changed;
  }

  /// Everything but the clock, which runs; by parts, so that a failure names one.
  private static void assertSame(VcpuState wanted, VcpuState got) {
    assertEquals(wanted.registers(), got.registers());
    assertEquals(wanted.system(), got.system());
    assertArrayEquals(wanted.xsave(), got.xsave(), "xsave");
    assertEquals(wanted.xcr0(), got.xcr0());
    assertEquals(wanted.debug(), got.debug());
    assertEquals(List.of(), differences(wanted.msrs(), got.msrs()), "msrs");
    assertEquals(wanted.tscKhz(), got.tscKhz(), "tscKhz");
    assertArrayEquals(wanted.apic(), got.apic(), "apic");
    assertEquals(wanted.events(), got.events());
    assertEquals(wanted.runState(), got.runState());
  }

  private static List<String> differences(
      SortedMap<Integer, Long> wanted, SortedMap<Integer, Long> got) {
    List<String> different = new ArrayList<>();
    wanted.forEach(
        (index, value) -> {
          if (!CLOCKS.contains(index) && !value.equals(got.get(index))) {
            different.add("0x%x: set %x, got %x".formatted(index, value, got.get(index)));
          }
        });
    return different;
  }

  @Test
  void aStateSurvivesItsBytes() {
    PayloadGuest guest = guest(longMode().outAl(0x10));
    VcpuState state = distinct(guest.vcpu().state());
    StateWriter out = new StateWriter();
    state.save(out, 0);
    assertEquals(state, VcpuState.load(new StateReader(out.toByteArray()), 0));
  }

  @Test
  void everyRunStateIsKept() {
    PayloadGuest guest = guest(longMode().hlt());
    VcpuState state = guest.vcpu().state();
    for (VcpuState.RunState run : List.of(VcpuState.RunState.HALTED, VcpuState.RunState.RUNNABLE)) {
      guest.vcpu().state(withRunState(state, run));
      assertEquals(run, guest.vcpu().state().runState());
    }
  }

  /// A guest would see time run at another speed.
  @Test
  void aTscTheEngineCannotFollowIsRefused() {
    PayloadGuest guest = guest(longMode().hlt());
    VcpuState state = guest.vcpu().state();
    assertTrue(state.tscKhz() > 0);
    VcpuState slow = withTscKhz(state, state.tscKhz() / 3);
    try {
      guest.vcpu().state(slow);
      assertEquals(slow.tscKhz(), guest.vcpu().state().tscKhz());
    } catch (StateException refused) {
      assertTrue(refused.toString().contains("TSC of " + slow.tscKhz() + " kHz"));
      assertEquals(state.tscKhz(), guest.vcpu().state().tscKhz());
    }
  }

  private static VcpuState withTscKhz(VcpuState s, int tscKhz) {
    return with(s, s.xsave(), tscKhz, s.apic(), s.runState());
  }

  private static VcpuState withRunState(VcpuState s, VcpuState.RunState run) {
    return with(s, s.xsave(), s.tscKhz(), s.apic(), run);
  }

  @Test
  void anXsaveAreaOfAnotherSizeIsRefused() {
    PayloadGuest guest = guest(longMode().hlt());
    VcpuState s = guest.vcpu().state();
    assertThrows(StateException.class, () -> guest.vcpu().state(with(s, new byte[64], s.apic())));
    assertThrows(StateException.class, () -> guest.vcpu().state(with(s, s.xsave(), new byte[64])));
  }

  private static VcpuState with(VcpuState s, byte[] xsave, byte[] apic) {
    return with(s, xsave, s.tscKhz(), apic, s.runState());
  }

  private static VcpuState with(
      VcpuState s, byte[] xsave, int tscKhz, byte[] apic, VcpuState.RunState run) {
    return new VcpuState(
        s.registers(),
        s.system(),
        xsave,
        s.xcr0(),
        s.debug(),
        s.msrs(),
        tscKhz,
        apic,
        s.events(),
        run);
  }

  // ---- between two instructions ----

  private static void complete(PayloadGuest guest) {
    assertInstanceOf(VmExit.Interrupted.class, guest.vcpu().completeExit());
  }

  @Test
  void completingAnInPutsItsAnswerIntoTheRegister() {
    LongMode code = longMode().mov(RAX, 0).inAl(0x33).label("behind").outAl(0x10);
    PayloadGuest guest = guest(code);
    VmExit.PortIn in = guest.run(VmExit.PortIn.class);
    in.data().put(0, (byte) 0x5A);
    complete(guest);
    VcpuState state = guest.vcpu().state();
    assertEquals(0x5A, state.registers().rax());
    assertEquals(code.addressOf("behind"), state.registers().rip());
    assertEquals(0x5A, guest.runToOut(0x10), "and it goes on from there");
  }

  @Test
  void completingALoadPutsItsAnswerIntoTheRegister() {
    LongMode code =
        longMode().mov(RBX, PayloadGuest.NOWHERE).load(8, RCX, RBX, 0).label("behind").hlt();
    PayloadGuest guest = guest(code);
    guest.run(VmExit.MmioRead.class);
    guest.vcpu().answer(0x0123_4567_89AB_CDEFL);
    complete(guest);
    VcpuState state = guest.vcpu().state();
    assertEquals(0x0123_4567_89AB_CDEFL, state.registers().rcx());
    assertEquals(code.addressOf("behind"), state.registers().rip());
  }

  @Test
  void completingAnOutStandsBehindIt() {
    LongMode code = longMode().outAl(0x10).label("behind").hlt();
    PayloadGuest guest = guest(code);
    guest.runToOut(0x10);
    complete(guest);
    assertEquals(code.addressOf("behind"), guest.vcpu().state().registers().rip());
    complete(guest); // nothing pending: nothing happens
    assertEquals(code.addressOf("behind"), guest.vcpu().state().registers().rip());
  }

  @Test
  void aRepeatedInstructionMayStandBetweenTwoOfItsRounds() {
    RealMode code = realMode().cld().movDx(0x33).movSi(0x5000).movCx(5).repOutsb().outAl(0x10);
    PayloadGuest guest = guest(code);
    guest.put(0x5000, new byte[] {1, 2, 3, 4, 5});
    int sent = 0;
    VmExit exit = guest.run();
    while (exit instanceof VmExit.PortOut out && out.port() == 0x33) {
      for (byte value : PayloadGuest.array(out.data())) {
        assertEquals(++sent, value);
      }
      exit = guest.vcpu().completeExit();
      if (exit instanceof VmExit.Interrupted) {
        assertEquals(5 - sent, guest.vcpu().state().registers().rcx() & 0xFFFF);
        exit = guest.run();
      }
    }
    assertEquals(5, sent);
    assertEquals(0x10, assertInstanceOf(VmExit.PortOut.class, exit).port());
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void completingAStoreOfSixteenBytesAsksForItsSecondHalf() {
    LongMode code =
        longMode()
            .mov(RBX, PayloadGuest.NOWHERE)
            .mov(RAX, 7)
            .movqXmm0Rax()
            .storeXmm0(RBX, 0)
            .label("behind")
            .hlt();
    PayloadGuest guest = guest(code);
    assertEquals(new VmExit.MmioWrite(PayloadGuest.NOWHERE, 8, 7), guest.run());
    assertEquals(new VmExit.MmioWrite(PayloadGuest.NOWHERE + 8, 8, 0), guest.vcpu().completeExit());
    assertInstanceOf(VmExit.Interrupted.class, guest.vcpu().completeExit());
    assertEquals(code.addressOf("behind"), guest.vcpu().state().registers().rip());
  }

  @Test
  void aRequestSurvivesTheCompletionOfAnExit() {
    PayloadGuest guest = guest(longMode().outAl(0x10).label("here").jmp("here"));
    guest.runToOut(0x10);
    guest.vcpu().requestExit();
    complete(guest);
    guest.run(VmExit.Interrupted.class);
  }

  // ---- another machine ----

  /// Mixes registers, memory and an XMM register, and says each round what came of it.
  private LongMode mixer() {
    return longMode()
        .mov(R8, 0x9E37_79B9_7F4A_7C15L)
        .mov(R9, 1)
        .mov(RBX, PayloadGuest.DATA)
        .mov(RAX, 3)
        .movqXmm0Rax()
        .label("again")
        .imul(R9, R8)
        .inc(R9)
        .load(8, RCX, RBX, 0)
        .add(RCX, R9)
        .store(8, RBX, 0, RCX)
        .paddqXmm0Xmm0()
        .movqRaxXmm0()
        .add(RAX, RCX)
        .movqXmm0Rax()
        .outEax(0x10)
        .jmp("again");
  }

  static List<Long> outputs(PayloadGuest guest, int count) {
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(guest.runToOut(0x10));
    }
    return values;
  }

  private PayloadGuest loaded(byte[] saved) {
    PayloadGuest other = own(new PayloadGuest(hypervisor(), 1));
    other.load(saved);
    return other;
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aFreshMachineGoesOnExactly() {
    PayloadGuest guest = guest(mixer());
    outputs(guest, 100);
    complete(guest);
    byte[] saved = guest.save();
    List<Long> expected = outputs(guest, 50);
    assertEquals(expected, outputs(loaded(saved), 50));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aMachineStoppedInMidLoopGoesOnExactly() {
    PayloadGuest straight = guest(mixer());
    List<Long> expected = outputs(straight, 60);
    PayloadGuest stopped = guest(mixer());
    List<Long> seen = outputs(stopped, 30);
    stopped.vcpu().requestExit();
    stopped.run(VmExit.Interrupted.class);
    seen.addAll(outputs(loaded(stopped.save()), 30));
    assertEquals(expected, seen);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aFreshProcessGoesOnExactly(@TempDir Path dir) throws IOException, InterruptedException {
    PayloadGuest guest = guest(mixer());
    outputs(guest, 100);
    complete(guest);
    Path file = Files.write(dir.resolve("state"), guest.save());
    List<Long> expected = outputs(guest, 20);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-ea",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Continuation.class.getName(),
            getClass().getName(),
            file.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    assertEquals(expected.toString(), said.strip());
  }

  /// The other process: the contract's class to ask for an engine, the file to load.
  static final class Continuation {
    private Continuation() {}

    public static void main(String[] arguments) throws Exception {
      var constructor = Class.forName(arguments[0]).getDeclaredConstructor();
      constructor.setAccessible(true);
      StateContract contract = (StateContract) constructor.newInstance();
      try (var hypervisor = contract.open();
          PayloadGuest guest = new PayloadGuest(hypervisor, 1)) {
        guest.load(Files.readAllBytes(Path.of(arguments[1])));
        System.out.println(outputs(guest, 20));
      }
    }
  }

  @Test
  void aPendingInterruptIsDeliveredInTheFreshMachine() {
    LongMode code = longMode().mov(RBX, LOCAL_APIC).store(RBX, 0xF0, 0x1FF);
    code.outAl(0x10).sti().nop().label("sleep").hlt().jmp("sleep");
    code.label("handler").movAl(0x45).outAl(0x99);
    PayloadGuest guest = guest(code).gate(0x45, code.addressOf("handler"));
    guest.runToOut(0x10);
    MsiTarget message = own(guest.vm().createMsi());
    message.retarget(LOCAL_APIC, 0x45);
    message.signal();
    complete(guest);
    assertEquals(0x45, loaded(guest.save()).runToOut(0x99));
  }

  @Test
  void aHaltedVcpuStaysHaltedUntilItsInterrupt() {
    LongMode code = InterruptContract.sleeper(longMode(), 0x45);
    PayloadGuest guest = guest(code);
    InterruptContract.gates(guest, code);
    guest.runToOut(InterruptContract.READY);
    guest.runQuietly(20);
    PayloadGuest other = loaded(guest.save());
    other.runQuietly(20);
    PayloadGuest.later(20, other.vm().line(5)::pulse); // by the I/O APIC's own saved table
    assertEquals(0x45, other.runToOut(InterruptContract.HANDLED));
    other.runToOut(InterruptContract.WOKE);
  }

  @Test
  void anArmedDeadlineStillComes() {
    // LVT timer: TSC deadline, vector 0x45; the deadline: 2^28 cycles from now
    LongMode code =
        longMode()
            .mov(RBX, LOCAL_APIC)
            .store(RBX, 0xF0, 0x1FF)
            .store(RBX, 0x320, 2 << 17 | 0x45)
            .rdtsc()
            .mov(RCX, 1L << 28)
            .add(RAX, RCX)
            .mov(RCX, 0x6E0)
            .wrmsr()
            .outAl(0x10)
            .sti()
            .label("sleep")
            .hlt()
            .jmp("sleep")
            .label("handler")
            .movAl(0x45)
            .outAl(0x99);
    PayloadGuest guest = guest(code).gate(0x45, code.addressOf("handler"));
    guest.runToOut(0x10);
    complete(guest);
    byte[] saved = guest.save();
    assertEquals(0x45, loaded(saved).runToOut(0x99));
    assertEquals(0x45, guest.runToOut(0x99), "in the first machine too");
  }

  @Test
  void theChipsStateIsKept() {
    LongMode code = InterruptContract.sleeper(longMode(), 0x45);
    PayloadGuest guest = guest(code);
    InterruptContract.gates(guest, code);
    guest.runToOut(InterruptContract.READY);
    complete(guest);
    PayloadGuest other = loaded(guest.save());
    other.vm().line(5).pulse();
    assertEquals(0x45, other.runToOut(InterruptContract.HANDLED));
  }

  @Test
  void damagedChipsAreRefused() {
    PayloadGuest guest = guest(longMode().hlt());
    StateWriter out = new StateWriter();
    guest.vm().save(out);
    byte[] bytes = out.toByteArray();
    byte[] cut = Arrays.copyOf(bytes, bytes.length - 1);
    assertThrows(StateException.class, () -> guest.vm().load(new StateReader(cut)));
    bytes[2] ^= 1; // the record's name
    assertThrows(StateException.class, () -> guest.vm().load(new StateReader(bytes)));
  }
}
