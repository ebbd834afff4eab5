package dev.javisor.x86.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.mmu.Paging;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Processors;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.ModeKey;
import dev.javisor.x86.system.Segments;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// A guest of one processor in protected mode, unpaged, and how much of its code is kept.
final class CodeCacheTest {
  private static final int PAGES = 64;
  private static final long WEIGHT_MOST = 2 << 20;

  /// What one block may add before someone looks.
  private static final long WEIGHT_OF_BLOCK = 16 << 10;

  /// CR0.TS: code is decoded for it apart.
  private static final long TASK_SWITCHED = 8;

  private static final byte INC_EAX = 0x40;
  private static final byte HLT = (byte) 0xF4;

  private final MemorySegment ram = MemorySegment.ofArray(new long[PAGES * 512]);
  private final Processors processors = new Processors();
  private final CodeCache cache = new CodeCache(PAGES * 4096L, processors, WEIGHT_MOST);
  private final Paging paging = new Paging(new PlainRam(ram, cache));
  private final Cpu cpu = cpu(paging);
  private final Interpreter interpreter = new Interpreter(cpu, paging, cache, new OpExecutor());

  private Cpu cpu(Paging view) {
    Cpu made = new Cpu(ram, view, new NoPlatform());
    processors.join(made);
    Segments.put(made, Instruction.CS, 8, 0, 0xFFFF_FFFFL, 0xC09B);
    for (int segment : new int[] {Instruction.ES, Instruction.SS, Instruction.DS}) {
      Segments.put(made, segment, 16, 0, 0xFFFF_FFFFL, 0xC093);
    }
    made.set(Slots.CR0, 1);
    made.cpl(0);
    ModeKey.update(made);
    return made;
  }

  private void put(int address, byte value) {
    ram.set(ValueLayout.JAVA_BYTE, address, value);
  }

  private void fill(int page) {
    for (int i = 0; i < 4095; i++) {
      put(page * 4096 + i, INC_EAX);
    }
    put(page * 4096 + 4095, HLT);
  }

  /// Runs from `address` to HLT, and says what EAX has become.
  private long run(int address) {
    return run(cpu, interpreter, address);
  }

  private static long run(Cpu cpu, Interpreter interpreter, int address) {
    cpu.gpr(Cpu.RAX, 0);
    cpu.set(Slots.RIP, address);
    cpu.set(Slots.ACTIVITY, Slots.RUNNING);
    cpu.budget(1 << 20);
    assertEquals(Interpreter.Stop.ATTENTION, interpreter.run());
    assertEquals(Slots.HALTED, cpu.get(Slots.ACTIVITY));
    return cpu.gpr(Cpu.RAX);
  }

  @Test
  void codeOfManyPagesIsNotKeptForEver() {
    long most = 0;
    for (int page = 0; page < PAGES; page++) {
      fill(page);
      assertEquals(4095, run(page * 4096));
      assertEquals(4094, run(page * 4096 + 1));
      most = Math.max(most, cache.weight());
    }
    assertTrue(most > WEIGHT_MOST / 2, "it was much: " + most);
    assertTrue(most < WEIGHT_MOST + WEIGHT_OF_BLOCK, "but never too much: " + most);
  }

  @Test
  void blocksOfOnePageAreNotKeptForEver() {
    CodeCache large = new CodeCache(PAGES * 4096L, processors, Long.MAX_VALUE);
    Paging view = new Paging(new PlainRam(ram, large));
    Cpu other = cpu(view);
    fill(0);
    int most = 0;
    for (int entry = 0; entry < 128; entry++) {
      other.set(Slots.CR0, entry < 64 ? 1 : 1 | TASK_SWITCHED);
      ModeKey.update(other);
      int offset = entry & 63;
      assertEquals(
          4095 - offset, run(other, new Interpreter(other, view, large, new OpExecutor()), offset));
      most = Math.max(most, Objects.requireNonNull(large.page(0)).blocks());
    }
    assertTrue(most > 4000 && most <= 4096, "blocks: " + most);
  }

  @Test
  void whatIsStoredAfterCodeWasDroppedIsSeen() {
    fill(0);
    assertEquals(4095, run(0));
    long before;
    int page = 1;
    do {
      before = cache.weight();
      fill(page);
      assertEquals(4095, run(page * 4096));
      page++;
    } while (cache.weight() > before);
    cpu.store8(10, HLT & 0xFF);
    assertEquals(10, run(0));
    cpu.store8(10, INC_EAX);
    cpu.store8(20, HLT & 0xFF);
    assertEquals(20, run(0));
  }

  @Test
  void weightsAreThoseOfTheBlocksThatAreThere() {
    fill(0);
    assertEquals(0, cache.weight());
    assertEquals(4095, run(0));
    assertTrue(cache.weight() > 0);
    cache.written(0, 4096);
    assertEquals(0, cache.weight());
  }
}
