package dev.javisor.x86.code;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.CodePage;
import dev.javisor.x86.block.Op;
import dev.javisor.x86.block.Way;
import dev.javisor.x86.mmu.Paging;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Processors;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class WayTest {
  private static final int KEY = 5;
  private static final int GENERATIONS = 100;
  private static final int TRIES = 50;

  private final CodePage page = new CodePage(0);

  /// A jump to one place.
  private static final class Jump extends Op {
    private final Way way;

    Jump(Way way) {
      this.way = way;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      return way.go(cpu);
    }
  }

  private Block jump(int from, int to) {
    Way way = new Way(page, to, KEY, -1);
    Block block =
        new Block(
            page, KEY, List.of(new Jump(way).at(from, 2)), new Jump(way), List.of(way), -1, 0);
    page.add(block);
    return block;
  }

  /// Each of two blocks is changed as soon as the other has led to it.
  private WeakReference<Block> changeAndJump(Cpu cpu, Block[] at) {
    WeakReference<Block> middle = new WeakReference<>(at[0]);
    for (int i = 0; i < GENERATIONS; i++) {
      int from = i & 1;
      assertSame(at[1 - from].first(), at[from].first().exec(cpu), "it is linked");
      synchronized (page) {
        assertTrue(page.invalidate(from * 64, from * 64 + 2));
      }
      at[from] = jump(from * 64, 64 - from * 64);
      if (i == GENERATIONS / 2) {
        middle = new WeakReference<>(at[from]);
      }
    }
    return middle;
  }

  @Test
  void blocksThatAreGoneAreNotKeptByOlderOnes() throws InterruptedException {
    MemorySegment ram = MemorySegment.ofArray(new long[512]);
    CodeCache none = new CodeCache(0, new Processors(), 0);
    Cpu cpu = new Cpu(ram, new Paging(new PlainRam(ram, none)), new NoPlatform());
    cpu.budget(1 << 20);
    Block[] at = {jump(0, 64), jump(64, 0)};
    Block oldest = jump(128, 0);
    assertSame(at[0].first(), oldest.first().exec(cpu));
    WeakReference<Block> middle = changeAndJump(cpu, at);
    for (int i = 0; i < TRIES && middle.get() != null; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertNull(middle.get(), "kept alive by " + oldest.first());
  }
}
