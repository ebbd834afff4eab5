package dev.javisor.x86.block;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A straight run of instructions, entered at the first and left behind the last - or anywhere by a
/// fault.
public final class Block {
  private final CodePage page;
  private final int offset;
  private final int end;
  private final int key;
  private final int count;
  private final Op first;
  private final List<Way> ways;
  private final long secondPage;
  private final int tailGeneration;
  private boolean isValid = true;
  private @Nullable Translation translation;

  /// @param page where it begins
  /// @param key what of the processor's mode the code was decoded for
  /// @param ops placed already
  /// @param end behind the last one, if that does not go anywhere itself
  /// @param ways all that lead out of it
  /// @param secondPage the RAM offset of the page that its one instruction reaches into, or -1
  /// @param tailGeneration that page's when it was decoded
  public Block(
      CodePage page,
      int key,
      List<Op> ops,
      Op end,
      List<Way> ways,
      long secondPage,
      int tailGeneration) {
    this.page = page;
    this.key = key;
    this.offset = ops.getFirst().offset();
    this.end = ops.getLast().end();
    this.count = ops.size();
    this.first = ops.getFirst();
    this.ways = List.copyOf(ways);
    this.secondPage = secondPage;
    this.tailGeneration = tailGeneration;
    for (int i = 0; i < count; i++) {
      ops.get(i).link(i + 1 < count ? ops.get(i + 1) : end, count - i);
    }
  }

  /// Pays for all its instructions and returns the first; null if the budget does not allow for
  /// them, with RIP at this block.
  public @Nullable Op enter(Cpu cpu) {
    if (cpu.spend(count)) {
      return first;
    }
    cpu.set(Slots.RIP, cpu.get(Slots.PAGE) + offset);
    return null;
  }

  /// Pays and returns the first, kicked or not and whatever the budget.
  public Op enterAnyway(Cpu cpu) {
    cpu.refund(-count);
    return first;
  }

  public CodePage page() {
    return page;
  }

  public int key() {
    return key;
  }

  public int offset() {
    return offset;
  }

  /// Behind its last byte, counted from the page's beginning.
  public int end() {
    return end;
  }

  public int count() {
    return count;
  }

  public Op first() {
    return first;
  }

  /// Whether its one instruction reaches into another page.
  public boolean straddles() {
    return secondPage >= 0;
  }

  public long secondPage() {
    return secondPage;
  }

  public int tailGeneration() {
    return tailGeneration;
  }

  public boolean isValid() {
    return isValid;
  }

  /// Gives it a translation unless it has one.
  ///
  /// @return the one it has; null if it is no longer valid
  public synchronized @Nullable Translation attach(Translation made) {
    if (translation == null) {
      translation = made;
    }
    return isValid ? translation : null;
  }

  /// What was attached; of a block that is no longer valid, too.
  public @Nullable Translation translation() {
    return translation;
  }

  /// What it was decoded from has changed: nobody enters it any more, and who is in it leaves.
  synchronized void invalidate() {
    isValid = false;
    Op op = first;
    for (int i = 0; i < count && op != null; i++) {
      Op following = op.next();
      op.cut();
      op = following;
    }
    if (translation != null) {
      translation.invalidated();
    }
    ways.forEach(Way::close);
  }
}
