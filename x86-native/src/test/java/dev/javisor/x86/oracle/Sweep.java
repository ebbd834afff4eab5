package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.Width;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Runs cases of forms on the host and on a model, a batch at a time: one form, one mode, as many
/// instructions as there are slots.
final class Sweep {
  private final OracleProcess oracle;
  private final @Nullable ModelUnderTest model;
  private final Batch batch;
  private final MemorySegment results;
  private final @Nullable Encoded[] instructions = new @Nullable Encoded[GuestMap.SLOT_COUNT];
  private final Masks[] masks = new Masks[GuestMap.SLOT_COUNT];
  private final boolean[] taken = new boolean[GuestMap.SLOT_COUNT];
  private final SplittableRandom random;
  private long hostNanos;
  private long modelNanos;

  /// @param model null compares the host with itself
  Sweep(OracleProcess oracle, @Nullable ModelUnderTest model, Arena arena, long seed) {
    this.oracle = oracle;
    this.model = model;
    this.batch = oracle.batch();
    this.results = arena.allocate(batch.memory.byteSize(), 64);
    this.random = new SplittableRandom(seed);
  }

  /// The seconds that waiting for the host and running the model took.
  String times() {
    return "model %.2f s, waiting for the host %.2f s".formatted(modelNanos / 1e9, hostNanos / 1e9);
  }

  /// Runs cases of one form.
  ///
  /// @param turn how many it had before
  /// @return how many; 0 if it has no encoding in this mode, or this host not the mode
  int run(Form form, Mode mode, int turn, int cases, FormReport report) throws IOException {
    if (!mode.isLong() && !HostLimits.hasCompatibilityMode()) {
      return 0;
    }
    CaseLayout layout = layout(form);
    SplittableRandom mine = random.split();
    batch.begin(mode.isLong(), layout, mine.nextLong());
    int slots = encode(form, mode, new SplittableRandom(mine.nextLong()));
    if (slots == 0) {
      return 0;
    }
    int count = Math.min(cases, Batch.CASES_MAX);
    make(slots, turn, count, layout, mine);
    batch.count(count);
    if (model == null) {
      compareWithItself(count, layout, report);
    } else {
      compare(model, slots, count, layout, report);
    }
    return count;
  }

  private static CaseLayout layout(Form form) {
    boolean fx =
        form.is(Attribute.X87)
            || form.is(Attribute.MMX)
            || form.is(Attribute.SSE)
            || form.is(Attribute.SSE2);
    boolean wide =
        form.operands().stream()
            .anyMatch(
                o -> o.width() == Width.FX || o.width() == Width.FP || o.width() == Width.ENV);
    wide |= form.mnemonic().equals("enter");
    return new CaseLayout(fx, wide ? CaseLayout.HOT_BYTES_MAX : CaseLayout.HOT_BYTES);
  }

  private int encode(Form form, Mode mode, SplittableRandom from) {
    Encoder encoder = new Encoder(mode, from);
    Fields fields = new Fields(encoder, from);
    for (int slot = 0; slot < GuestMap.SLOT_COUNT; slot++) {
      Encoded raw = encoder.encode(form);
      if (raw == null) {
        return slot;
      }
      Encoded encoded = fields.fill(raw, slot);
      instructions[slot] = encoded;
      masks[slot] = new Masks(encoded);
      batch.code(slot, encoded.bytes());
    }
    return GuestMap.SLOT_COUNT;
  }

  private Encoded instruction(int slot) {
    Encoded encoded = instructions[slot];
    if (encoded == null) {
      throw new IllegalStateException("nothing in slot " + slot);
    }
    return encoded;
  }

  private static int slotOf(int index, int slots) {
    return index % slots;
  }

  private void make(int slots, int turn, int count, CaseLayout layout, SplittableRandom from) {
    for (int slot = 0; slot < slots; slot++) {
      CaseMaker maker = new CaseMaker(instruction(slot), slot, layout, from);
      for (int i = slot; i < count; i += slots) {
        maker.make(turn + i, batch.memory, Batch.caseAt(i, layout));
      }
    }
  }

  private void compare(
      ModelUnderTest against, int slots, int count, CaseLayout layout, FormReport report)
      throws IOException {
    batch.first(0);
    oracle.order();
    long start = System.nanoTime();
    against.begin(batch.longMode(), batch.seed());
    boolean any = false;
    boolean all = true;
    for (int slot = 0; slot < slots; slot++) {
      taken[slot] = against.load(slot, instruction(slot));
      any |= taken[slot];
      all &= taken[slot];
    }
    for (int i = 0; i < count; i++) {
      if (taken[slotOf(i, slots)]) {
        against.run(
            batch.memory, Batch.caseAt(i, layout), results, Batch.resultAt(i, layout), layout);
      }
    }
    modelNanos += System.nanoTime() - start;
    boolean died = await(count, report);
    if (any) {
      report.modelled();
    }
    boolean memoryCounts = judge(slots, count, layout, report);
    if (all && memoryCounts && !died && report.failedCases() == 0) {
      compareScratch(against.scratch(), report);
    }
  }

  /// A store that went astray shows here.
  private void compareScratch(MemorySegment models, FormReport report) {
    long at = models.mismatch(batch.scratch());
    if (at >= 0) {
      report.failed();
      report.failure("scratch memory differs after the batch, at " + Long.toHexString(at));
    }
  }

  /// Waits for the host; a case that it dies of is a failure, and the next one is gone on with.
  /// (Where [HostLimits] says so it also dies of an interrupt that comes before RSP is its own
  /// again: there it has to die twice.)
  private boolean await(int count, FormReport report) throws IOException {
    long start = System.nanoTime();
    boolean died = false;
    int forgiven = HostLimits.takesAnyStack() ? Integer.MAX_VALUE : -1;
    for (int fatal; (fatal = oracle.await()) >= 0; ) {
      died = true;
      if (fatal > forgiven) {
        forgiven = fatal;
        batch.first(fatal);
      } else {
        fail(fatal, report);
        batch.first(fatal + 1);
      }
      batch.count(count);
      oracle.order();
    }
    hostNanos += System.nanoTime() - start;
    return died;
  }

  private void fail(int fatal, FormReport report) {
    CaseLayout layout = batch.layout();
    long at = Batch.resultAt(fatal, layout);
    batch.memory.asSlice(at, layout.bytes()).fill((byte) 0);
    report.failed();
    report.failure("the oracle died of case " + fatal + ": " + text(fatal, layout, Exempt.NOTHING));
  }

  private String text(int index, CaseLayout layout, Exempt exempt) {
    long from = Batch.caseAt(index, layout);
    int slot = batch.memory.get(JAVA_INT, from + CaseLayout.SLOT);
    return CaseText.line(
        instruction(slot), batch.memory, from, Batch.resultAt(index, layout), layout, exempt);
  }

  /// @return whether all memory counted
  private boolean judge(int slots, int count, CaseLayout layout, FormReport report) {
    Comparison comparison = new Comparison(batch.memory, results, layout);
    boolean memoryCounts = true;
    for (int i = 0; i < count; i++) {
      int slot = slotOf(i, slots);
      long to = Batch.resultAt(i, layout);
      long vector = batch.memory.get(JAVA_LONG, to + CaseLayout.VECTOR);
      Exempt exempt = masks[slot].of(batch.memory, Batch.caseAt(i, layout), vector);
      memoryCounts &= !exempt.is(Exempt.MEMORY);
      report.saw(vector, exempt);
      if (taken[slot] && !comparison.agree(instruction(slot), to, to, exempt) && report.failed()) {
        report.failure(
            instruction(slot)
                + "\n  "
                + comparison.differences(instruction(slot), to, to, exempt)
                + "\n  "
                + text(i, layout, exempt));
      }
    }
    return memoryCounts;
  }

  private void compareWithItself(int count, CaseLayout layout, FormReport report)
      throws IOException {
    batch.first(0);
    oracle.order();
    await(count, report);
    long bytes = (long) count * layout.bytes();
    long at = Batch.resultAt(0, layout);
    MemorySegment.copy(batch.memory, at, results, at, bytes);
    batch.first(0);
    oracle.order();
    await(count, report);
    Arrays.fill(taken, true);
    judge(GuestMap.SLOT_COUNT, count, layout, report);
  }
}
