package dev.javisor.x86.oracle;

import java.util.Locale;

/// How many cases a second are made, run on both sides and compared. What faults costs the host two
/// signals, and is counted apart: forms that never fault say what a case takes, and what the others
/// took beyond that was for their faults.
final class Rates {
  private long calmCases;
  private long calmNanos;
  private long otherCases;
  private long otherNanos;
  private long faults;

  /// @param nanos what all cases of the form took
  void add(FormReport report, long nanos) {
    if (report.faults() == 0) {
      calmCases += report.cases();
      calmNanos += nanos;
    } else {
      otherCases += report.cases() - report.faults();
      otherNanos += nanos;
      faults += report.faults();
    }
  }

  @Override
  public String toString() {
    double nanosACase = (double) calmNanos / calmCases;
    double nanosAFault = (otherNanos - otherCases * nanosACase) / faults;
    return String.format(
        Locale.ROOT,
        "%.0f cases a second that do not fault, %.0f that do",
        1e9 / nanosACase,
        1e9 / nanosAFault);
  }
}
