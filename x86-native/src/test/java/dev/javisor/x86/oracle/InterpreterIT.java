package dev.javisor.x86.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.OpcodeTable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/// Every form of the opcode table on the interpreter and on the host. `-Djavisor.x86.cases` says
/// how many cases a form gets, `-Djavisor.x86.seed` repeats a run; what fails is printed as a line
/// for `found.txt`, and all forms are in `target/oracle-report.txt`.
class InterpreterIT {
  private static final long SEED = Long.getLong("javisor.x86.seed", System.nanoTime());
  private static final int CASES = Integer.getInteger("javisor.x86.cases", Batch.CASES_MAX);
  private static final int CASES_LEAST = 2000;

  /// Compatibility mode is the other mode of most forms, and gets less of them.
  private static final int COMPATIBILITY_SHARE = 4;

  private static final Path REPORT = Path.of("target", "oracle-report.txt");

  private final List<FormReport> reports = new ArrayList<>();
  private final Rates rates = new Rates();

  private static void sweep(Sweep sweep, FormReport report) throws IOException {
    Form form = report.form;
    for (int done = 0; done < CASES; done += Batch.CASES_MAX) {
      int count = Math.min(CASES - done, Batch.CASES_MAX);
      int ran = form.is(Attribute.NO64) ? 0 : sweep.run(form, Mode.LONG, done, count, report);
      if (!form.is(Attribute.ONLY64)) {
        int share = ran == 0 ? count : count / COMPATIBILITY_SHARE;
        sweep.run(form, Mode.CODE32, done, share, report);
      }
    }
  }

  private void sweepAll() throws IOException {
    try (Arena arena = Arena.ofShared();
        OracleProcess oracle = new OracleProcess()) {
      Sweep sweep = new Sweep(oracle, new InterpreterModel(), arena, SEED);
      for (Form form : OpcodeTable.forms()) {
        if (Denied.reason(form) == null) {
          FormReport report = new FormReport(form);
          long start = System.nanoTime();
          sweep(sweep, report);
          rates.add(report, System.nanoTime() - start);
          reports.add(report);
        }
      }
    }
  }

  private long sum(ToLongFunction<FormReport> of) {
    return reports.stream().mapToLong(of).sum();
  }

  private void print(double seconds) throws IOException {
    List<String> lines = new ArrayList<>();
    reports.forEach(report -> lines.add(report.toString()));
    for (Form form : OpcodeTable.forms()) {
      String reason = Denied.reason(form);
      if (reason != null) {
        lines.add("%-36s not run: %s".formatted(form, reason));
      }
    }
    Files.createDirectories(REPORT.toAbsolutePath().getParent());
    Files.write(REPORT, lines);
    System.out.printf(
        "COUNTS oracle: seed %d: %d forms, %d cases, %d faults, %d bits masked, %d wrong, %.1f s%n",
        SEED,
        reports.size(),
        sum(FormReport::cases),
        sum(FormReport::faults),
        sum(FormReport::masked),
        sum(FormReport::failedCases),
        seconds);
    System.out.println("COUNTS oracle's speed: " + rates);
  }

  @Test
  void everyFormDoesWhatTheHostDoes() throws IOException {
    long start = System.nanoTime();
    sweepAll();
    print((System.nanoTime() - start) / 1e9);
    List<String> failures = new ArrayList<>();
    List<String> hollow = new ArrayList<>();
    if (!HostLimits.hasCompatibilityMode()) { // these have no encoding in the other one
      reports.removeIf(report -> report.cases() == 0);
    }
    for (FormReport report : reports) {
      failures.addAll(report.failures());
      if (report.hollow() != null) {
        hollow.add(report.hollow());
      }
    }
    assertEquals("", String.join("\n", failures), "seed " + SEED);
    for (FormReport report : reports) {
      assertTrue(report.hasModel(), report + ", seed " + SEED);
      assertTrue(report.cases() >= Math.min(CASES, CASES_LEAST), report.toString());
    }
    assertEquals(List.of(), hollow, "seed " + SEED);
  }
}
