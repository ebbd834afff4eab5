package dev.javisor.x86.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.Register;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.x86.state.Cpu;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class CpuModelTest {
  private final CpuModel model = CpuModel.standard();

  private int[] cpuid(int leaf, int subleaf, int apicId, int vcpus) {
    int[] words = new int[4];
    model.cpuid(leaf, subleaf, apicId, vcpus, words);
    return words;
  }

  private static String text(int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      bytes.putInt(word);
    }
    return new String(bytes.array(), StandardCharsets.US_ASCII);
  }

  @Test
  void itIsAnIntelThatLinuxMistrustsInNothing() {
    int[] leaf = cpuid(0, 0, 0, 1);
    assertEquals("GenuineIntel", text(leaf[1], leaf[3], leaf[2]));
    int signature = cpuid(1, 0, 0, 1)[0];
    assertEquals(6, signature >> 8 & 15, "family");
    assertEquals(28, (signature >> 4 & 15) | (signature >> 12 & 0xF0), "model");
  }

  /// Bits of leaf 1 (SDM 2, CPUID, tables 3-10 and 3-11).
  @Test
  void whatTheInterpreterDoesNotHaveIsNotOffered() {
    int[] leaf = cpuid(1, 0, 0, 1);
    for (int absent : new int[] {0, 1, 3, 9, 12, 19, 20, 22, 25, 26, 28, 30}) {
      assertEquals(0, leaf[2] >> absent & 1, "ECX bit " + absent);
    }
    for (int present : new int[] {0, 4, 5, 6, 8, 9, 11, 13, 15, 16, 19, 23, 24, 25, 26}) {
      assertEquals(1, leaf[3] >> present & 1, "EDX bit " + present);
    }
    assertArrayEquals(new int[4], cpuid(0xD, 0, 0, 1), "no XSAVE");
    assertArrayEquals(new int[4], cpuid(7, 1, 0, 1), "no second subleaf");
  }

  @Test
  void onlyTheModelForTestsGuardsItsKernel() {
    assertEquals(0, cpuid(7, 0, 0, 1)[1] & (1 << 7 | 1 << 20), "SMEP, SMAP");
    assertEquals(0, cpuid(7, 0, 0, 1)[2], "UMIP");
    int[] leaf = new int[4];
    model.withGuardedKernel().cpuid(7, 0, 0, 1, leaf);
    assertEquals(1 << 7 | 1 << 20, leaf[1] & (1 << 7 | 1 << 20), "SMEP, SMAP");
    assertEquals(1 << 2, leaf[2], "UMIP");
  }

  @Test
  void stacAndItsBitOfCr4AreThereWithTheModelOnly() {
    LongMode stac = new LongMode(PayloadGuest.LONG_CODE).bytes(0x0F, 0x01, 0xCB).outAl(0x10);
    assertInstanceOf(VmExit.Shutdown.class, run(model, stac), "no handler for #UD");
    assertInstanceOf(VmExit.PortOut.class, run(model.withGuardedKernel(), stac));
    LongMode cr4 = new LongMode(PayloadGuest.LONG_CODE).mov(Register.RAX, 1 << 21 | 1 << 5);
    cr4.toControl(4, Register.RAX).outAl(0x10);
    assertInstanceOf(VmExit.Shutdown.class, run(model, cr4), "nor for #GP");
  }

  private static VmExit run(CpuModel model, LongMode code) {
    try (SoftwareHypervisor engine =
            new SoftwareHypervisor(EngineOptions.STANDARD.withModel(model));
        PayloadGuest guest = PayloadGuest.of(engine, code)) {
      return guest.run();
    }
  }

  @Test
  void everyVcpuIsACoreOfOnePackage() {
    assertEquals(3, cpuid(1, 0, 3, 4)[1] >>> 24, "APIC id");
    assertEquals(4, cpuid(1, 0, 3, 4)[1] >> 16 & 0xFF, "processors");
    assertEquals(1, cpuid(1, 0, 0, 2)[3] >>> 28 & 1, "HTT");
    assertEquals(0, cpuid(1, 0, 0, 1)[3] >>> 28 & 1, "HTT alone");
    int[] cores = cpuid(0xB, 1, 3, 4);
    assertEquals(2, cores[0], "bits of an APIC id that number cores");
    assertEquals(4, cores[1]);
    assertEquals(3, cores[3]);
    assertEquals(0, cpuid(0xB, 0, 3, 4)[0], "one thread a core");
    assertEquals(0, cpuid(0xB, 2, 3, 4)[1], "no third level");
  }

  @Test
  void theHypervisorIsKvmWithAClockAndNothingThatNeedsACall() {
    int[] leaf = cpuid(0x4000_0000, 0, 0, 1);
    assertEquals("KVMKVMKVM\0\0\0", text(leaf[1], leaf[2], leaf[3]));
    assertEquals(1 << 1 | 1 << 3 | 1 << 6 | 1 << 24, cpuid(0x4000_0001, 0, 0, 1)[0]);
  }

  @Test
  void theBrandIsWholeAndEndsWithANul() {
    StringBuilder brand = new StringBuilder();
    for (int leaf = 0x8000_0002; leaf <= 0x8000_0004; leaf++) {
      brand.append(text(cpuid(leaf, 0, 0, 1)));
    }
    assertTrue(brand.toString().startsWith("Javisor software processor"), brand.toString());
    assertEquals(0, brand.charAt(47));
  }

  @Test
  void addressesAreAsWideAsTheWalkChecks() {
    assertEquals(CpuModel.PHYSICAL_BITS, cpuid(0x8000_0008, 0, 0, 1)[0] & 0xFF);
    assertEquals(48, cpuid(0x8000_0008, 0, 0, 1)[0] >> 8 & 0xFF);
    assertEquals(Cpu.PHYSICAL_BITS, cpuid(0x8000_0008, 0, 0, 1)[0] & 0xFF, "what the walk checks");
  }
}
