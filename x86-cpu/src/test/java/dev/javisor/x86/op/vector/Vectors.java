package dev.javisor.x86.op.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.x86.fp.Mxcsr;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/// What a processor (Intel Xeon, family 6 model 207) made of instructions: each line has the
/// instruction, `x` for XMM registers or `m` for MMX, register 0, register 1, RAX and MXCSR before,
/// and behind the arrow register 0, RAX, MXCSR and the status flags after.
final class Vectors {
  private Vectors() {}

  static List<String> of(String resource) throws IOException {
    try (var in = Objects.requireNonNull(Vectors.class.getResourceAsStream(resource), resource)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
  }

  static void check(String line) {
    String[] words = line.split(" ", -1);
    Rig rig = new Rig();
    boolean isMmx = words[1].equals("m");
    put(rig, 0, words[2], isMmx);
    put(rig, 1, words[3], isMmx);
    rig.gpr(Cpu.RAX, Long.parseUnsignedLong(words[4], 16));
    rig.set(Slots.MXCSR, Long.parseLong(words[5], 16));
    rig.cpu.status(0);
    rig.run(words[0]);
    assertEquals(words[7], take(rig, isMmx), line);
    assertEquals(words[8], "%016x".formatted(rig.cpu.gpr(Cpu.RAX)), line);
    assertEquals(words[9], "%x".formatted(Mxcsr.get(rig.cpu)), line);
    if (setsFlags(words[0])) {
      assertEquals(words[10], "%x".formatted(rig.cpu.status()), line);
    }
  }

  private static boolean setsFlags(String hex) {
    return hex.contains("0F2E") || hex.contains("0F2F");
  }

  private static void put(Rig rig, int number, String hex, boolean isMmx) {
    if (isMmx) {
      X87.setMmx(rig.cpu, X87.mmx(number), Long.parseUnsignedLong(hex.substring(16), 16));
    } else {
      rig.xmm(number, hex);
    }
  }

  private static String take(Rig rig, boolean isMmx) {
    return isMmx ? "%016x%016x".formatted(0, rig.cpu.get(X87.mmx(0))) : rig.xmm(0);
  }
}
