package dev.javisor.x86.nativecode;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.javisor.linux.call.Errno;
import dev.javisor.linux.call.SyscallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostStubTest {
  private static final HostStub.Layout LAYOUT = new HostStub.Layout(0, 128, 192);
  private static final int FX = 192;
  private static final int BLOCK_BYTES = 192 + 512;
  private static final int CF = 1;
  private static final int ZF = 0x40;
  private static final int TF = 0x100;
  private static final int DF = 0x400;
  private static final int AC = 0x40000;

  private final Arena arena = Arena.ofConfined();
  private final HostStub stub =
      new HostStub(ExecutableMemory.map(HostStub.BYTES_MIN, arena), LAYOUT);
  private final MemorySegment block = arena.allocate(BLOCK_BYTES, 64);

  @AfterEach
  void close() {
    arena.close();
  }

  private void run(String hex, int pieces) {
    long fragment = stub.fragment(HexFormat.of().parseHex(hex));
    stub.run(block.address(), block.address(), fragment, pieces);
  }

  private void calmFloatingPoint() {
    block.set(JAVA_SHORT, FX, (short) 0x37F);
    block.set(JAVA_INT, FX + 24, 0x1F80);
  }

  @Test
  void everyGeneralRegisterGoesInAndOut() {
    for (int i = 0; i < 16; i++) {
      block.set(JAVA_LONG, 8L * i, 0x0101_0101_0101_0101L * i);
    }
    run("48 87 e0 4d 87 f7".replace(" ", ""), HostStub.GENERAL); // xchg rax,rsp; xchg r15,r14
    for (int i = 0; i < 16; i++) {
      int from = i == 0 ? 4 : i == 4 ? 0 : i == 14 ? 15 : i == 15 ? 14 : i;
      assertEquals(0x0101_0101_0101_0101L * from, block.get(JAVA_LONG, 8L * i), "register " + i);
    }
  }

  @Test
  void statusFlagsAndDirectionGoInAndOut() {
    block.set(JAVA_LONG, 128, CF | DF | 2);
    run("90", HostStub.GENERAL);
    assertEquals(CF | DF, block.get(JAVA_LONG, 128) & HostStub.FLAGS);
    block.set(JAVA_LONG, 128, 2);
    run("48 31 c0".replace(" ", ""), HostStub.GENERAL); // xor rax,rax
    assertEquals(ZF | 4, block.get(JAVA_LONG, 128) & HostStub.FLAGS);
  }

  @Test
  void flagsThatWouldTripTheHostAreNotTaken() {
    block.set(JAVA_LONG, 128, TF | AC | 2);
    run("90", HostStub.GENERAL);
    assertEquals(0, block.get(JAVA_LONG, 128) & (TF | AC));
  }

  @Test
  void theHostsDirectionIsAsItWas() {
    block.set(JAVA_LONG, 128, DF | 2);
    run("90", HostStub.GENERAL);
    byte[] copied = new byte[1 << 16];
    System.arraycopy(copied, 0, copied, 8, copied.length - 8);
    assertEquals(0, copied[copied.length - 1]);
  }

  @Test
  void floatingPointStateGoesInAndOut() {
    calmFloatingPoint();
    block.set(JAVA_DOUBLE, FX + 160, 1.5); // xmm0
    block.set(JAVA_DOUBLE, FX + 176, 2.25); // xmm1
    run("f2 0f 58 c1 d9 e8".replace(" ", ""), HostStub.WITH_FX); // addsd xmm0,xmm1; fld1
    assertEquals(3.75, block.get(JAVA_DOUBLE, FX + 160));
    assertEquals(1L << 63, block.get(JAVA_LONG, FX + 32));
    assertEquals(0x3FFF, block.get(JAVA_SHORT, FX + 40));
    assertEquals((byte) 0x80, block.get(JAVA_BYTE, FX + 4), "one register is full");
  }

  @Test
  void theHostsRoundingIsAsItWas() {
    calmFloatingPoint();
    block.set(JAVA_INT, FX + 24, 0x7F80); // towards zero
    run("90", HostStub.WITH_FX);
    double third = 1.0 / Double.parseDouble("3");
    assertEquals(0x3FD5_5555_5555_5555L, Double.doubleToRawLongBits(third));
    assertEquals(0x3FE5_5555_5555_5555L, Double.doubleToRawLongBits(2 * third));
    assertEquals(0.1, Double.parseDouble("1") / Double.parseDouble("10"));
  }

  @Test
  void generalRunsLeaveFloatingPointAlone() {
    block.set(JAVA_INT, FX + 24, 0x1234_5678);
    run("90", HostStub.GENERAL);
    assertEquals(0x1234_5678, block.get(JAVA_INT, FX + 24));
  }

  @Test
  void whatComesOutMayGoElsewhere() {
    MemorySegment other = arena.allocate(BLOCK_BYTES, 64);
    block.set(JAVA_LONG, 0, 41);
    long fragment = stub.fragment(HexFormat.of().parseHex("48ffc0")); // inc rax
    stub.run(block.address(), other.address(), fragment, HostStub.GENERAL);
    assertEquals(41, block.get(JAVA_LONG, 0));
    assertEquals(42, other.get(JAVA_LONG, 0));
  }

  @Test
  void memoryAtAChosenAddressIsThereUnlessSomethingElseIs() {
    long address;
    try (Arena own = Arena.ofConfined()) {
      address = ExecutableMemory.map(ExecutableMemory.PAGE_BYTES, own).address();
      SyscallException refused =
          assertThrows(
              SyscallException.class,
              () -> ExecutableMemory.mapAt(address, ExecutableMemory.PAGE_BYTES, own));
      assertEquals(Errno.EEXIST, refused.errno());
    }
    try (Arena own = Arena.ofConfined()) {
      MemorySegment code = ExecutableMemory.mapAt(address, ExecutableMemory.PAGE_BYTES, own);
      assertEquals(address, code.address());
    }
  }
}
