package dev.javisor.x86.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Two executors run the same programs, which change themselves, and stop after the same
/// instructions with the same to show.
class ExecutorsTest {
  private static final int CODE = 0x1000;
  private static final int PIECES = 30;
  private static final int PROGRAMS = 40;
  private static final int SLICES = 100;
  private static final int SLICE_MOST = 300;

  /// `jmp` over nothing, and a block that begins with `add al, 0x11`, whose last byte is written by
  /// others.
  private static final String PATCHED = "eb 00 04 11";

  /// Ways to change EAX to EDX and flags, and to go on elsewhere.
  private static final String[] PLAIN = {
    "01 d8", // add eax, ebx
    "11 d1", // adc ecx, edx
    "29 c2", // sub edx, eax
    "43", // inc ebx
    "49", // dec ecx
    "c1 c0 05", // rol eax, 5
    "0f b6 d8", // movzx ebx, al
    "50 5a", // push eax; pop edx
    "74 02 43 43", // jz over inc ebx twice
    "73 01 49", // jnc over dec ecx
    "78 02 29 c2", // js over sub edx, eax
    "eb 01 90", // jmp over nop
    "0f 94 c2", // setz dl
    "f7 e3", // mul ebx
    "e8 00 00 00 00 5b", // call +0; pop ebx
    "d2 e8" // shr al, cl
  };

  private static void bytes(ByteArrayOutputStream to, String hex) {
    to.writeBytes(HexFormat.ofDelimiter(" ").parseHex(hex));
  }

  private static void word(ByteArrayOutputStream to, int value) {
    for (int i = 0; i < 4; i++) {
      to.write(value >>> 8 * i);
    }
  }

  /// A loop of random pieces; some write over bytes of the loop.
  private static byte[] program(Random random) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    int[] places = new int[PIECES];
    int patched = 0;
    for (int i = 0; i < PIECES; i++) {
      int kind = random.nextInt(6);
      if (kind == 0) {
        bytes(code, PATCHED);
        places[patched++] = code.size() - 1;
      } else if (kind == 1 && patched > 0) {
        bytes(code, "79 05 a2"); // jns over mov [moffs], al
        word(code, CODE + places[random.nextInt(patched)]);
      } else {
        bytes(code, PLAIN[random.nextInt(PLAIN.length)]);
      }
    }
    bytes(code, "90 90 90 90 e9"); // nop; jmp to the beginning
    word(code, -(code.size() + 4));
    return code.toByteArray();
  }

  private static String show(Cpu cpu) {
    StringBuilder text = new StringBuilder();
    for (int register = 0; register < 8; register++) {
      text.append(Long.toHexString(cpu.gpr(register))).append(' ');
    }
    return text.append(Long.toHexString(cpu.rflags()))
        .append(" at ")
        .append(Long.toHexString(cpu.get(Slots.RIP)))
        .toString();
  }

  @Test
  void bothStopExactlyAndSeeTheSame() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < PROGRAMS; i++) {
      byte[] program = program(random);
      BareMachine one = new BareMachine(new OpExecutor()).put(CODE, program);
      BareMachine other = new BareMachine(new OneByOneExecutor()).put(CODE, program);
      one.cpu.set(Slots.RIP, CODE);
      other.cpu.set(Slots.RIP, CODE);
      String what = "seed " + seed + ": " + HexFormat.of().formatHex(program);
      for (int slice = 0; slice < SLICES; slice++) {
        int count = 1 + random.nextInt(SLICE_MOST);
        assertEquals(0, one.run(count), what);
        assertEquals(0, other.run(count), what);
        assertEquals(show(one.cpu), show(other.cpu), what);
      }
      assertEquals(-1, one.ram().mismatch(other.ram()), what);
    }
  }

  /// again: mov bl, 1; add eax, ebx; nop; jmp to the jump; jump: jmp again
  @Test
  void aJumpToABlockThatHasGoneIsUndone() {
    BareMachine machine = new BareMachine(new OneByOneExecutor());
    machine.put(CODE, HexFormat.of().parseHex("b301" + "01d8" + "90" + "eb00" + "ebf7"));
    assertEquals(0, machine.run(CODE, 5 * 100));
    assertEquals(100, machine.cpu.gpr(Cpu.RAX));
    machine.put(CODE + 1, (byte) 2).code.written(CODE + 1, 1);
    assertEquals(0, machine.run(5 * 100));
    assertEquals(300, machine.cpu.gpr(Cpu.RAX));
  }

  @Test
  void aKickIsSeenAtTheNextBlock() {
    BareMachine machine = new BareMachine(new OneByOneExecutor());
    machine.put(CODE, HexFormat.of().parseHex("40" + "43" + "41" + "ebfb")); // inc thrice; jmp
    assertEquals(0, machine.run(CODE, 400));
    machine.cpu.budget(1000);
    machine.cpu.kick();
    assertEquals(Interpreter.Stop.ATTENTION, machine.interpreter.run());
    assertTrue(machine.cpu.budget() == 1000, () -> machine.cpu.budget() + " left");
  }
}
