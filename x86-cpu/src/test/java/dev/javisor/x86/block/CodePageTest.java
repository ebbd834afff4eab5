package dev.javisor.x86.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.state.Cpu;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CodePageTest {
  private static final int KEY = 5;

  private final CodePage page = new CodePage(0);

  private static final class Stub extends Op {
    @Override
    public @Nullable Op exec(Cpu cpu) {
      return next;
    }
  }

  private Block block(int key, int offset, int length) {
    Block block =
        new Block(page, key, List.of(new Stub().at(offset, length)), new Stub(), List.of(), -1, 0);
    page.add(block);
    return block;
  }

  private void invalidate(int from, int to) {
    synchronized (page) {
      assertTrue(page.invalidate(from, to), "there was something");
    }
  }

  @Test
  void aBlockIsFoundByOffsetAndKey() {
    Block one = block(KEY, 0x100, 4);
    Block other = block(KEY + 1, 0x100, 3);
    assertSame(one, page.find(0x100, KEY));
    assertSame(other, page.find(0x100, KEY + 1));
    assertNull(page.find(0x100, KEY + 2));
    assertNull(page.find(0x101, KEY));
  }

  @Test
  void aChangeDropsWhatItTouchesAndNothingElse() {
    Block before = block(KEY, 0x100, 8);
    Block hit = block(KEY, 0x108, 8);
    Block behind = block(KEY, 0x110, 8);
    invalidate(0x10F, 0x110);
    assertFalse(hit.isValid());
    assertNull(page.find(0x108, KEY));
    assertTrue(before.isValid());
    assertTrue(behind.isValid());
    assertSame(before, page.find(0x100, KEY));
    assertSame(behind, page.find(0x110, KEY));
  }

  @Test
  void whereNoCodeIsAStoreNeedsNoLook() {
    Block unused = block(KEY, 0x100, 8);
    assertTrue(page.mayHold(0x104, 0x105));
    assertFalse(page.mayHold(0x200, 0x300));
    assertFalse(page.mayHold(0, 0x40));
    assertTrue(page.mayHold(0, 4096));
    invalidate(0x100, 0x101);
    assertFalse(page.mayHold(0, 4096), "its code is gone");
  }

  @Test
  void whoIsInsideADroppedBlockLeavesBehindTheInstruction() {
    Block block = block(KEY, 0x100, 8);
    Op before = block.first().next();
    invalidate(0x100, 0x101);
    assertNotEquals(before, block.first().next());
  }

  @Test
  void anInstructionFromThePageBeforeIsRememberedUntilItsBytesChange() {
    int generation = page.addTail(3);
    assertTrue(page.mayHold(0, 1));
    Block unused = block(KEY, 0x100, 8);
    invalidate(0x100, 0x101);
    assertEquals(generation, page.tailGeneration());
    assertTrue(page.mayHold(2, 3), "still there after another change");
    invalidate(2, 3);
    assertNotEquals(generation, page.tailGeneration());
  }

  private static final class Told implements Translation {
    private int times;

    @Override
    public void invalidated() {
      times++;
    }
  }

  @Test
  void aTranslationIsToldOnceThatItsBlockHasGone() {
    Told told = new Told();
    Block block = block(KEY, 0x100, 8);
    Block other = block(KEY, 0x200, 8);
    assertSame(told, block.attach(told));
    assertSame(told, block.attach(new Told()), "the first stays");
    assertSame(told, block.translation());
    Told untouched = new Told();
    assertSame(untouched, other.attach(untouched));
    invalidate(0x100, 0x101);
    assertEquals(1, told.times);
    assertEquals(0, untouched.times);
    assertNull(block.attach(told), "nobody would tell it");
  }
}
