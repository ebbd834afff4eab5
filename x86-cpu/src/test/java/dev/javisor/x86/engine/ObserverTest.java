package dev.javisor.x86.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.Register;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.VmExit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is told of a guest's life: traces, reports, the log, Flight Recorder.
final class ObserverTest {
  private static final int PORT = 0x10;
  private static final int STAR = 0xC000_0081;
  private static final int NOT_THERE = 0x1234;

  private final List<String> trace = new ArrayList<>();
  private final List<String> log = new ArrayList<>();

  private SoftwareHypervisor hypervisor(long from, long count) {
    return new SoftwareHypervisor(
        EngineOptions.STANDARD.withTrace(new CpuTrace(from, count, trace::add)).withLog(log::add));
  }

  /// Five instructions, the fourth an exception whose handler has two.
  private static LongMode code() {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE);
    code.nop().mov(Register.RCX, STAR).wrmsr().ud2();
    return code.label("handler").movAl(7).outAl(PORT);
  }

  private void run(SoftwareHypervisor hypervisor, LongMode code) {
    try (PayloadGuest guest = PayloadGuest.of(hypervisor, code)) {
      guest.gate(6, code.addressOf("handler"));
      assertEquals(7, guest.runToOut(PORT));
    }
  }

  @Test
  void aTraceHasInstructionsExceptionsAndMsrs() {
    run(hypervisor(0, 100), code());
    List<String> expected =
        List.of(
            "0 0 0000000000010000  90  nop",
            "0 1 0000000000010001  48 b9 81 00 00 c0 ff ff ff ff  mov",
            "0 2 000000000001000b  0f 30  wrmsr",
            "0 2 000000000001000b  MSR c0000081 becomes 0",
            "0 3 000000000001000d  0f 0b  ud2",
            "0 3 000000000001000d  exception #UD",
            "0 4 000000000001000f  b0 07  mov",
            "0 5 0000000000010011  e6 10  out");
    assertEquals(String.join("\n", expected), String.join("\n", trace));
  }

  @Test
  void aTraceBeginsAndEndsWhereItIsTold() {
    run(hypervisor(3, 2), code());
    assertEquals(3, trace.size(), trace.toString());
    assertEquals("0 3 000000000001000d  0f 0b  ud2", trace.getFirst());
    assertEquals("0 4 000000000001000f  b0 07  mov", trace.getLast());
  }

  @Test
  void aRepetitionIsOneLine() {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE);
    code.mov(Register.RCX, 20_000).mov(Register.RDI, PayloadGuest.DATA).bytes(0xF3, 0xAA);
    code.label("handler").movAl(7).outAl(PORT);
    run(hypervisor(0, 100), code);
    assertEquals(5, trace.size(), trace.toString());
    assertTrue(trace.get(2).endsWith("f3 aa  stosb"), trace.toString());
  }

  @Test
  void aTracedInterruptIsTold() {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE).hlt().label("handler").outAl(PORT);
    try (PayloadGuest guest = PayloadGuest.of(hypervisor(0, 100), code);
        var msi = guest.vm().createMsi()) {
      guest.gate(2, code.addressOf("handler"));
      msi.retarget(0xFEE0_0000L, 4 << 8);
      PayloadGuest.later(20, msi::signal);
      long unused = guest.runToOut(PORT);
    }
    assertTrue(trace.stream().anyMatch(line -> line.endsWith("interrupt 02")), trace.toString());
  }

  @Test
  void aReportSaysHowItCameThere() {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE);
    code.mov(Register.RAX, PayloadGuest.LONG_CODE + 0x40).jmp(Register.RAX);
    byte[] wrong = {0x0F, 0x04, (byte) 0xC0, 0x11};
    try (PayloadGuest guest = PayloadGuest.of(hypervisor(0, 0), code)) {
      guest.put(PayloadGuest.LONG_CODE + 0x40, wrong);
      guest.run(VmExit.Shutdown.class);
      String report = guest.vcpu().diagnosis();
      assertTrue(report.contains("at RIP: 0f 04 c0 11 00"), report);
      assertTrue(report.contains("(UNDEFINED)"), report);
      assertTrue(report.contains("entered lately: 0000000000010000 0000000000010040"), report);
      assertTrue(report.contains("last exceptions: #UD at 0000000000010040"), report);
    }
    assertEquals(1, log.stream().filter(line -> line.contains("no instruction")).count());
    assertTrue(log.getFirst().contains("0000000000010040: 0f 04 c0 11"), log.toString());
  }

  @Test
  void aRegisterThatIsNotThereIsLoggedOnce() {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE);
    code.mov(Register.RCX, NOT_THERE).bytes(0x0F, 0x32).label("handler");
    code.mov(Register.RCX, NOT_THERE).bytes(0x0F, 0x32);
    try (PayloadGuest guest = PayloadGuest.of(hypervisor(0, 0), code)) {
      guest.gate(13, code.addressOf("handler"));
      PayloadGuest.later(50, guest.vcpu()::requestExit);
      guest.run(VmExit.class);
    }
    List<String> lines = log.stream().filter(line -> line.contains("MSR 1234")).toList();
    assertEquals(1, lines.size(), log.toString());
  }

  @Test
  void aPlainUd2IsNotWorthALine() {
    run(hypervisor(0, 0), code());
    assertFalse(log.stream().anyMatch(line -> line.contains("no instruction")), log.toString());
  }

  // ---------------------------------------------------------------- Flight Recorder

  private static List<RecordedEvent> recorded(Path file, Runnable what) throws IOException {
    try (Recording recording = new Recording()) {
      for (String name : new String[] {"GuestException", "TlbFlush", "CodeInvalidation"}) {
        recording.enable("dev.javisor." + name);
      }
      recording.start();
      what.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file);
  }

  private static List<RecordedEvent> named(List<RecordedEvent> all, String name) {
    return all.stream()
        .filter(event -> event.getEventType().getName().equals("dev.javisor." + name))
        .toList();
  }

  @Test
  void flightRecorderSeesExceptionsFlushesAndInvalidations(@TempDir Path directory)
      throws IOException {
    LongMode code = new LongMode(PayloadGuest.LONG_CODE);
    code.fromControl(3, Register.RAX).toControl(3, Register.RAX);
    code.mov(Register.RBX, PayloadGuest.LONG_CODE).store(Register.RBX, 0, 0x9090_9090).ud2();
    code.label("handler").movAl(7).outAl(PORT);
    List<RecordedEvent> events =
        recorded(directory.resolve("events.jfr"), () -> run(hypervisor(0, 0), code));
    RecordedEvent exception = named(events, "GuestException").getFirst();
    assertEquals(6, exception.getInt("vector"));
    assertEquals(code.addressOf("handler") - 2, exception.getLong("rip"));
    assertTrue(named(events, "TlbFlush").stream().anyMatch(event -> !event.getBoolean("global")));
    RecordedEvent invalidation = named(events, "CodeInvalidation").getFirst();
    assertEquals(PayloadGuest.LONG_CODE, invalidation.getLong("gpa"));
    assertEquals(4, invalidation.getLong("bytes"));
  }
}
