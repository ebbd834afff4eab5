package dev.javisor.x86.op.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.x86.fp.X87;
import dev.javisor.x86.state.CpuFault;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// MMX registers are the x87's, by their number (SDM 1, 9.2 and 9.5).
class SharedRegistersTest {
  private final Rig rig = new Rig();

  /// TOP is 3, two registers are in use, and register i has i * 11 in it.
  @BeforeEach
  void fill() {
    X87.words(rig.cpu, 0x37F, 3 << 11 | 0x4100, 0x18, 0);
    for (int i = 0; i < 8; i++) {
      rig.set(X87.ST + 16 * i, (i + 3 & 7) * 0x11L).set(X87.ST + 16 * i + 8, 0x4000 + (i + 3 & 7));
    }
  }

  @Test
  void mmxRegistersAreThePhysicalOnes() {
    rig.run("0F FC C8"); // paddb mm1, mm0
    for (int i = 0; i < 8; i++) {
      assertEquals(i * 0x11L, rig.cpu.get(X87.mmx(i)), "mm" + i);
      assertEquals(i == 1 ? 0xFFFF : 0x4000 + i, rig.cpu.get(X87.mmx(i) + 8), "mm" + i);
    }
    assertEquals(0x4100, X87.fsw(rig.cpu));
    assertEquals(0xFF, X87.tags(rig.cpu));
  }

  @Test
  void readingAloneTakesThemOverToo() {
    rig.gpr(0, 0x100).run("0F 7F 18"); // movq [rax], mm3
    assertEquals(0x33, rig.ram.getLong(0x100));
    assertEquals(0xFF, X87.tags(rig.cpu));
    assertEquals(0, X87.top(rig.cpu));
  }

  @Test
  void faultOfALoadLeavesTheX87AsItWas() {
    assertEquals(CpuFault.PF, rig.gpr(0, 0x20000).fault("0F FC 08"));
    assertEquals(3, X87.top(rig.cpu));
    assertEquals(0x18, X87.tags(rig.cpu));
  }

  /// As on Intel's processors.
  @Test
  void faultOfAStoreHasMovedTheTop() {
    assertEquals(CpuFault.PF, rig.gpr(0, 0x20000).fault("0F 7F 18"));
    assertEquals(0, X87.top(rig.cpu));
    assertEquals(0x18, X87.tags(rig.cpu));
    assertEquals(0x33, rig.cpu.get(X87.mmx(3)));
  }

  @Test
  void emmsEmptiesThem() {
    rig.run("0F 77");
    assertEquals(0, X87.tags(rig.cpu));
    assertEquals(0x4100, X87.fsw(rig.cpu));
    assertEquals(0x55, rig.cpu.get(X87.mmx(5)));
  }

  @Test
  void quadwordsMoveBetweenTheFiles() {
    rig.xmm(1, "0102030405060708090a0b0c0d0e0f10").run("F2 0F D6 E1"); // movdq2q mm4, xmm1
    assertEquals(0x090a0b0c0d0e0f10L, rig.cpu.get(X87.mmx(4)));
    assertEquals(0xFFFF, rig.cpu.get(X87.mmx(4) + 8));
    rig.run("F3 0F D6 C4"); // movq2dq xmm0, mm4
    assertEquals("0000000000000000090a0b0c0d0e0f10", rig.xmm(0));
  }
}
