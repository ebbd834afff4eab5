package dev.javisor.x86.nativecode;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.fp.Mxcsr;
import dev.javisor.x86.fp.Routines;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Translator;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Platform;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.state.SlowMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The interpreter's arithmetic on registers against results that an Intel Xeon (family 6, model
/// 207) gave; only what all processors round alike is among them. Lines of `sse-vectors.txt` have
/// the instruction, XMM0, XMM1, RAX and MXCSR, and behind the arrow XMM0, RAX and MXCSR; those of
/// `x87-vectors.txt` FCW, FSW, tags, flags and ST(0) to ST(7), and behind it the same but for FCW.
class HostFloatingPointTest {
  private final Cpu cpu =
      new Cpu(MemorySegment.ofArray(new long[1]), absent(SlowMemory.class), absent(Platform.class));

  /// What no instruction on registers calls.
  private static <T> T absent(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, _) -> {
              throw new AssertionError(method.getName());
            }));
  }

  private static List<String> lines(String file) throws IOException {
    try (var in =
        Objects.requireNonNull(HostFloatingPointTest.class.getResourceAsStream(file), file)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
  }

  /// CR0.NE and protected mode, CR4.OSFXSR and CR4.OSXMMEXCPT.
  @BeforeEach
  void switchOn() {
    X87.reset(cpu);
    cpu.set(Slots.CR0, 1 << 5 | 1);
    cpu.set(Slots.CR4, 3 << 9);
  }

  private void run(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    Instruction i =
        assertInstanceOf(
            Instruction.class, new Decoder().decode(bytes, 0, bytes.length, Mode.LONG), hex);
    Translator.translate(
            i,
            0,
            true,
            _ -> {
              throw new AssertionError("it goes nowhere");
            })
        .exec(cpu);
  }

  @Test
  void itIsFound() {
    Routines.require();
  }

  @Test
  void sseResultsAreTheProcessors() throws IOException {
    assertAll(lines("sse-vectors.txt").stream().map(line -> () -> checkSse(line)));
  }

  private void checkSse(String line) {
    String[] words = line.split(" ", -1);
    xmm(0, words[2]);
    xmm(1, words[3]);
    cpu.gpr(Cpu.RAX, Long.parseUnsignedLong(words[4], 16));
    cpu.set(Slots.MXCSR, Long.parseLong(words[5], 16));
    run(words[0]);
    assertEquals(
        words[7], "%016x%016x".formatted(cpu.get(Slots.XMM + 8), cpu.get(Slots.XMM)), line);
    assertEquals(words[8], "%016x".formatted(cpu.gpr(Cpu.RAX)), line);
    assertEquals(words[9], "%x".formatted(Mxcsr.get(cpu)), line);
  }

  private void xmm(int number, String hex) {
    int slot = Slots.XMM + 16 * number;
    cpu.set(slot, Long.parseUnsignedLong(hex.substring(16), 16));
    cpu.set(slot + 8, Long.parseUnsignedLong(hex.substring(0, 16), 16));
  }

  @Test
  void x87ResultsAreTheProcessors() throws IOException {
    assertAll(lines("x87-vectors.txt").stream().map(line -> () -> checkX87(line)));
  }

  private void checkX87(String line) {
    String[] words = line.split(" ", -1);
    X87.words(cpu, hex(words[1]), hex(words[2]), hex(words[3]), 0);
    cpu.status(hex(words[4]));
    for (int i = 0; i < 8; i++) {
      cpu.set(X87.ST + 16 * i, Long.parseUnsignedLong(words[5 + i].substring(4), 16));
      cpu.set(X87.ST + 16 * i + 8, hex(words[5 + i].substring(0, 4)));
    }
    run(words[0]);
    assertEquals(line.substring(line.indexOf("->") + 3), stack(), line);
  }

  private static int hex(String digits) {
    return Integer.parseInt(digits, 16);
  }

  private String stack() {
    StringBuilder text = new StringBuilder();
    text.append("%04x %02x %03x".formatted(X87.fsw(cpu), X87.tags(cpu), cpu.status()));
    for (int i = 0; i < 8; i++) {
      text.append(" %04x%016x".formatted(cpu.get(X87.ST + 16 * i + 8), cpu.get(X87.ST + 16 * i)));
    }
    return text.toString();
  }

  /// An empty register is to be stored, and that exception is not masked.
  @Test
  void anX87ExceptionComesBeforeAFaultOfItsTarget() {
    X87.words(cpu, 0x37E, 0, 0, 0);
    run("D918"); // fstp dword [rax]
    assertEquals(0x80C1, X87.fsw(cpu));
    X87.words(cpu, 0x37F, 0, 0, 0);
    assertThrows(AssertionError.class, () -> run("D918"), "memory is not looked at");
  }

  /// MULSS with one exception not masked.
  private int multiply(int a, int b, int unmasked) {
    cpu.set(Slots.XMM, a & 0xFFFF_FFFFL);
    cpu.set(Slots.XMM + 16, b & 0xFFFF_FFFFL);
    cpu.set(Slots.MXCSR, Mxcsr.RESET & ~(unmasked << 7));
    CpuFault fault = assertThrows(CpuFault.class, () -> run("F30F59C1"));
    assertEquals(CpuFault.XM, fault.vector());
    assertEquals(a, (int) cpu.get(Slots.XMM));
    return Mxcsr.get(cpu) & Mxcsr.EXCEPTIONS;
  }

  /// 2^-126 by 1/2; 2^-126 (1 + 2^-23) by 1/2, which has no exact denormal; and by 2^-1 (1 +
  /// 2^-23).
  @Test
  void unmaskedUnderflowIsOfTheUnboundedResult() {
    assertEquals(Mxcsr.UE, multiply(0x0080_0000, 0x3F00_0000, Mxcsr.UE));
    assertEquals(Mxcsr.UE, multiply(0x0080_0001, 0x3F00_0000, Mxcsr.UE));
    assertEquals(Mxcsr.UE | Mxcsr.PE, multiply(0x0080_0001, 0x3F00_0001, Mxcsr.UE));
  }

  /// 2^127 by 2, the greatest number by 1.5.
  @Test
  void unmaskedOverflowIsOfTheUnboundedResult() {
    assertEquals(Mxcsr.OE, multiply(0x7F00_0000, 0x4000_0000, Mxcsr.OE));
    assertEquals(Mxcsr.OE | Mxcsr.PE, multiply(0x7F7F_FFFF, 0x3FC0_0000, Mxcsr.OE));
  }

  /// ADDPS of a signaling NaN in one lane and of an inexact sum in another.
  @Test
  void earlyExceptionKeepsLaterOnesFromBeingFound() {
    xmm(0, "0000000000000000" + "7fa000003f800000");
    xmm(1, "0000000000000000" + "0000000030000000");
    cpu.set(Slots.MXCSR, Mxcsr.RESET & ~(Mxcsr.IE << 7));
    assertThrows(CpuFault.class, () -> run("0F58C1"));
    assertEquals(Mxcsr.IE, Mxcsr.get(cpu) & Mxcsr.EXCEPTIONS);
    cpu.set(Slots.MXCSR, Mxcsr.RESET);
    run("0F58C1");
    assertEquals(Mxcsr.IE | Mxcsr.PE, Mxcsr.get(cpu) & Mxcsr.EXCEPTIONS);
  }

  /// FDIV of 1 by 0: the exception is raised by the instruction behind it.
  @Test
  void unmaskedX87ExceptionWaits() {
    X87.words(cpu, X87.FCW_INIT & ~4, 0, 0xFF, 0);
    cpu.set(X87.ST, Long.MIN_VALUE);
    cpu.set(X87.ST + 8, 0x3FFF);
    cpu.set(Slots.PAGE, 0x1000);
    run("D8F1");
    assertEquals(0x8084, X87.fsw(cpu) & 0x80FF);
    assertEquals(0x3FFF, cpu.get(X87.ST + 8));
    assertEquals(0x0F1, X87.fop(cpu));
    assertEquals(0x1000, cpu.get(X87.FIP));
    assertEquals(CpuFault.MF, assertThrows(CpuFault.class, () -> run("9B")).vector());
  }

  /// With CR0.NE clear a waiting exception is nobody's; it must not be the host's.
  @Test
  void waitingExceptionNeverReachesTheHost() {
    X87.words(cpu, X87.FCW_INIT & ~1, 1, 0xFF, 0);
    cpu.set(Slots.CR0, 1);
    run("D9E8");
    assertEquals(X87.FCW_INIT & ~1, X87.fcw(cpu));
    assertEquals(0x8081, X87.fsw(cpu) & 0x80BF);
    cpu.set(Slots.FX, cpu.get(Slots.FX) & ~0x8080_0000L);
    run("D9E8");
    assertEquals(0x8081, X87.fsw(cpu) & 0x80BF);
  }

  /// A state block can be loaded with anything.
  @Test
  void bitsOfMxcsrThatDoNotExistNeverReachTheHost() {
    cpu.set(Slots.MXCSR, 0xFFFF_FFFFL & ~0x40);
    run("F20F58C1");
    assertEquals(0, cpu.get(Slots.XMM));
  }

  /// Java's own arithmetic is SSE's.
  @Test
  void hostKeepsItsOwnControlWords() {
    cpu.set(Slots.MXCSR, 0xFFC0);
    X87.words(cpu, 0, 0, 0xFF, 0);
    double third = 1.0 / Double.parseDouble("3");
    run("F20F5EC1");
    run("D8F1");
    assertEquals(third, 1.0 / Double.parseDouble("3"));
    assertEquals(Double.MIN_VALUE, Double.MIN_NORMAL * Double.parseDouble("0x1p-52"));
    assertEquals(0.5, Double.parseDouble("5.5") % 1.0);
  }
}
