package dev.javisor.x86.op.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.x86.fp.Mxcsr;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// SDM 3A, 14.1 and 2.5: what CR0 and CR4 forbid.
class GuardTest {
  private static final String PXOR_XMM = "66 0F EF C1";
  private static final String PXOR_MMX = "0F EF C1";
  private static final String PSHUFW = "0F 70 C1 00";
  private static final String LDMXCSR = "0F AE 14 25 00 01 00 00";
  private static final String FXSAVE = "0F AE 04 25 00 01 00 00";
  private static final String FNINIT = "DB E3";
  private static final String FLDCW = "D9 2C 25 00 01 00 00";
  private static final String FWAIT = "9B";

  private final Rig rig = new Rig();

  @ParameterizedTest
  @ValueSource(strings = {PXOR_XMM, PXOR_MMX, PSHUFW, LDMXCSR, "0F 77"})
  void emulationMakesMmxAndSseUndefined(String hex) {
    rig.set(Slots.CR0, Rig.CR0 | Rig.EM | Rig.TS);
    assertEquals(CpuFault.UD, rig.fault(hex));
  }

  @ParameterizedTest
  @ValueSource(strings = {FNINIT, FLDCW, FXSAVE, "D9 D0", "DB E0"})
  void emulationMakesTheX87Unavailable(String hex) {
    rig.set(Slots.CR0, Rig.CR0 | Rig.EM);
    assertEquals(CpuFault.NM, rig.fault(hex));
  }

  @ParameterizedTest
  @ValueSource(strings = {PXOR_XMM, PXOR_MMX, LDMXCSR, FNINIT, FLDCW, FXSAVE, FWAIT, "0F 77"})
  void taskSwitchedMakesEverythingUnavailable(String hex) {
    rig.set(Slots.CR0, Rig.CR0 | Rig.TS);
    assertEquals(CpuFault.NM, rig.fault(hex));
  }

  @Test
  void waitCaresForTaskSwitchedWithMonitorAlone() {
    rig.set(Slots.CR0, (Rig.CR0 | Rig.TS | Rig.EM) & ~2L).run(FWAIT);
  }

  @ParameterizedTest
  @ValueSource(strings = {PXOR_XMM, LDMXCSR, "0F 58 C1", "F3 0F 10 C1", "0F 2A C1", "66 0F 2A C1"})
  void withoutFxsrSseIsUndefined(String hex) {
    rig.set(Slots.CR4, 0);
    assertEquals(CpuFault.UD, rig.fault(hex));
  }

  @ParameterizedTest
  @ValueSource(strings = {PXOR_MMX, PSHUFW, "0F D4 C1", "0F D7 C1"})
  void withoutFxsrMmxIsDefined(String hex) {
    rig.set(Slots.CR4, 0).run(hex);
  }

  @ParameterizedTest
  @ValueSource(strings = {PXOR_MMX, "0F 77", FLDCW, FWAIT, "D9 D0", "0F 2D C1", "0F 2A C1"})
  void waitingExceptionIsRaised(String hex) {
    X87.words(rig.cpu, 0x37E, 1, 0, 0);
    assertEquals(CpuFault.MF, rig.fault(hex));
  }

  @ParameterizedTest
  @ValueSource(strings = {PXOR_XMM, FNINIT, FXSAVE, "DB E2", "DF E0", LDMXCSR, "DB E1"})
  void waitingExceptionGoesOnWaiting(String hex) {
    X87.words(rig.cpu, 0x37E, 1, 0, 0);
    rig.run(hex);
  }

  @Test
  void waitingExceptionOfTheOldKindIsNobodys() {
    X87.words(rig.cpu, 0x37E, 1, 0, 0);
    rig.set(Slots.CR0, Rig.CR0 & ~(1L << 5)).run(PXOR_MMX);
  }

  @Test
  void unmaskedExceptionLeavesFlagsAndRegistersAlone() {
    rig.xmm(0, "00000000000000000000000000000000").xmm(1, "0000000000000000000000007fa00000");
    rig.set(Slots.MXCSR, Mxcsr.RESET & ~(Mxcsr.IE << 7));
    rig.cpu.status(0);
    assertEquals(CpuFault.XM, rig.fault("0F 2E C1"));
    assertEquals(CpuFault.XM, rig.fault("0F C2 C1 00"));
    assertEquals(Mxcsr.IE, Mxcsr.get(rig.cpu) & Mxcsr.EXCEPTIONS);
    assertEquals(0, rig.cpu.status());
    assertEquals("00000000000000000000000000000000", rig.xmm(0));
  }

  @Test
  void unmaskedExceptionIsUndefinedToAnOldSystem() {
    rig.xmm(1, "0000000000000000000000007fa00000");
    rig.set(Slots.MXCSR, 0).set(Slots.CR4, 1 << 9);
    assertEquals(CpuFault.UD, rig.fault("0F 2E C1"));
  }
}
