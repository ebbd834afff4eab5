package dev.javisor.x86.block;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import org.jspecify.annotations.Nullable;

/// One instruction of a block, ready to run.
public abstract class Op {
  /// What runs after it in a straight line. Null only until [#link]; replaced by [#cut].
  protected @Nullable Op next;

  private int offset;
  private int length;
  private int left;

  /// Runs the instruction.
  ///
  /// @return what runs next, or null: [Slots#RIP] says where to go on
  /// @throws dev.javisor.x86.state.CpuFault with nothing changed, or as much as may be repeated
  public abstract @Nullable Op exec(Cpu cpu);

  /// Whether its memory operand is in the stack segment: a non-canonical address is then `#SS`.
  public boolean isOnStack() {
    return false;
  }

  /// Where in its page it begins.
  public final int offset() {
    return offset;
  }

  /// Where in the page the next instruction begins; may be behind the page's end.
  public final int end() {
    return offset + length;
  }

  /// How many instructions of its block there are from it on, itself included.
  public final int left() {
    return left;
  }

  public final @Nullable Op next() {
    return next;
  }

  /// Says where it is.
  public final Op at(int newOffset, int newLength) {
    offset = newOffset;
    length = newLength;
    return this;
  }

  /// Puts it into a block.
  final void link(Op newNext, int instructionsLeft) {
    next = newNext;
    left = instructionsLeft;
  }

  /// Its block is no longer what memory holds: whoever is in it leaves behind this instruction.
  final void cut() {
    next = new Cut(end(), left - 1);
  }

  /// Leaves the block behind this instruction, for what may have changed the ground it stands on.
  protected final @Nullable Op leave(Cpu cpu) {
    cpu.refund(left - 1);
    cpu.set(Slots.RIP, cpu.get(Slots.PAGE) + end());
    return null;
  }

  /// Leaves with this instruction to be run again: a repetition that is not done.
  protected final @Nullable Op again(Cpu cpu) {
    cpu.refund(left);
    cpu.set(Slots.RIP, cpu.get(Slots.PAGE) + offset);
    return null;
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + " at " + Integer.toHexString(offset);
  }

  /// Leaves with RIP at `at`, and gives back what was paid for instructions that will not run.
  private static final class Cut extends Op {
    private final int at;
    private final int unspent;

    Cut(int at, int unspent) {
      this.at = at;
      this.unspent = unspent;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.refund(unspent);
      cpu.set(Slots.RIP, cpu.get(Slots.PAGE) + at);
      return null;
    }
  }
}
