package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.javisor.x86.state.CpuFault;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Compares what the host and a model made of a case. Nothing is allocated unless they differ.
final class Comparison {
  private final MemorySegment cases;
  private final MemorySegment models;
  private final CaseLayout layout;

  /// @param cases a batch's memory: cases and the host's results
  Comparison(MemorySegment cases, MemorySegment models, CaseLayout layout) {
    this.cases = cases;
    this.models = models;
    this.layout = layout;
  }

  /// Whether they agree but for what is exempt.
  boolean agree(Encoded encoded, long host, long model, Exempt exempt) {
    return (exempt.is(Exempt.MEMORY_FIRST) && faultedFirst(host, model))
        || same(encoded, host, model, exempt);
  }

  private boolean same(Encoded encoded, long host, long model, Exempt exempt) {
    return sameOutcome(host, model, exempt)
        && sameFlags(host, model, exempt.flags())
        && sameRegisters(encoded.isLong(), host, model, exempt)
        && (exempt.is(Exempt.MEMORY) || sameHot(host, model))
        && (!layout.fx() || sameFx(host + CaseLayout.FX, model + CaseLayout.FX, exempt));
  }

  /// Whether the host had a fault of memory where the model has what the instruction found out:
  /// BOUND's, or an x87 exception that waits.
  private boolean faultedFirst(long host, long model) {
    long vector = cases.get(JAVA_LONG, host + CaseLayout.VECTOR);
    long models = this.models.get(JAVA_LONG, model + CaseLayout.VECTOR);
    return isMemorys(vector)
        && (models == CpuFault.BR || (models == CaseLayout.NO_VECTOR && waits(model)));
  }

  private static boolean isMemorys(long vector) {
    return vector == CaseLayout.PAGE_FAULT || vector == CpuFault.GP || vector == CpuFault.SS;
  }

  private boolean waits(long model) {
    int status = models.get(JAVA_SHORT_UNALIGNED, model + CaseLayout.FX + FloatingPoint.SW);
    return layout.fx() && (status & FloatingPoint.SW_ES) != 0;
  }

  private boolean same(long host, long model, int offset) {
    return cases.get(JAVA_LONG, host + offset) == models.get(JAVA_LONG, model + offset);
  }

  private boolean sameOutcome(long host, long model, Exempt exempt) {
    if (!same(host, model, CaseLayout.RIP)) {
      return false;
    }
    long vector = cases.get(JAVA_LONG, host + CaseLayout.VECTOR);
    long models = this.models.get(JAVA_LONG, model + CaseLayout.VECTOR);
    if (exempt.is(Exempt.WHICH_FAULT) && isMemorys(vector) && isMemorys(models)) {
      return true;
    }
    boolean same =
        vector == models && same(host, model, CaseLayout.ERROR) && sameAddress(host, model, exempt);
    return same || (wentNowhere(host) && models == CaseLayout.NO_VECTOR);
  }

  private boolean sameAddress(long host, long model, Exempt exempt) {
    long difference =
        cases.get(JAVA_LONG, host + CaseLayout.CR2) ^ models.get(JAVA_LONG, model + CaseLayout.CR2);
    return (exempt.is(Exempt.PLACE_IN_PAGE) ? difference >>> 12 : difference) == 0;
  }

  /// Whether the instruction was a branch that did what it should, and the fault was the next
  /// one's.
  private boolean wentNowhere(long host) {
    long rip = cases.get(JAVA_LONG, host + CaseLayout.RIP);
    return cases.get(JAVA_LONG, host + CaseLayout.VECTOR) == CaseLayout.PAGE_FAULT
        && cases.get(JAVA_LONG, host + CaseLayout.CR2) == rip
        && (rip < GuestMap.SLOTS || rip > GuestMap.forward(GuestMap.SLOT_COUNT));
  }

  private boolean sameFlags(long host, long model, int mask) {
    long difference =
        cases.get(JAVA_LONG, host + CaseLayout.FLAGS)
            ^ models.get(JAVA_LONG, model + CaseLayout.FLAGS);
    return (difference & ~(long) mask) == 0;
  }

  private boolean sameRegisters(boolean longMode, long host, long model, Exempt exempt) {
    long difference = 0;
    long upper = 0;
    int count = longMode ? 16 : 8;
    for (int i = 0; i < count; i++) {
      int offset = CaseLayout.GENERAL + 8 * i;
      long bits = cases.get(JAVA_LONG, host + offset) ^ models.get(JAVA_LONG, model + offset);
      if ((exempt.registers() >> i & 1) == 0) {
        difference |= bits;
        upper |= (exempt.upperHalves() >> i & 1) == 0 ? bits : 0;
      }
    }
    return (int) difference == 0 && (!longMode || upper >>> 32 == 0);
  }

  private boolean sameHot(long host, long model) {
    int hot = layout.hot();
    return MemorySegment.mismatch(
            cases, host + hot, host + layout.bytes(), models, model + hot, model + layout.bytes())
        < 0;
  }

  /// FOP, FIP and FDP do not count: what they hold differs between processors (SDM 1, 8.1.8).
  private boolean sameFx(long host, long model, Exempt exempt) {
    return (exempt.is(Exempt.X87) || sameX87(host, model))
        && cases.get(JAVA_INT_UNALIGNED, host + FloatingPoint.MXCSR)
            == models.get(JAVA_INT_UNALIGNED, model + FloatingPoint.MXCSR)
        && sameXmm(host, model);
  }

  private boolean sameX87(long host, long model) {
    boolean control =
        cases.get(JAVA_INT_UNALIGNED, host) == models.get(JAVA_INT_UNALIGNED, model)
            && cases.get(JAVA_SHORT_UNALIGNED, host + FloatingPoint.TW)
                == models.get(JAVA_SHORT_UNALIGNED, model + FloatingPoint.TW);
    return control && sameStack(host, model);
  }

  private boolean sameStack(long host, long model) {
    for (int i = 0; i < 8; i++) {
      long at = FloatingPoint.ST + 16L * i;
      if (cases.get(JAVA_LONG_UNALIGNED, host + at) != models.get(JAVA_LONG_UNALIGNED, model + at)
          || cases.get(JAVA_SHORT_UNALIGNED, host + at + 8)
              != models.get(JAVA_SHORT_UNALIGNED, model + at + 8)) {
        return false;
      }
    }
    return true;
  }

  private boolean sameXmm(long host, long model) {
    return MemorySegment.mismatch(
            cases,
            host + FloatingPoint.XMM,
            host + FloatingPoint.RESERVED,
            models,
            model + FloatingPoint.XMM,
            model + FloatingPoint.RESERVED)
        < 0;
  }

  /// What differs, in words.
  List<String> differences(Encoded encoded, long host, long model, Exempt exempt) {
    return new Differences(cases, models, layout).of(encoded, host, model, exempt.flags());
  }
}
