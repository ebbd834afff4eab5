package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.OpcodeTable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The oracle itself: that the host answers the same twice, that a bug does not get past it, and
/// that it outlives its child.
class OracleIT {
  private static final long SEED = Long.getLong("javisor.x86.seed", System.nanoTime());
  private static final List<Mode> MODES = List.of(Mode.LONG, Mode.CODE32);

  private static List<FormReport> sweep(@Nullable ModelUnderTest model, int cases, List<Form> forms)
      throws IOException {
    List<FormReport> reports = new ArrayList<>();
    try (Arena arena = Arena.ofShared();
        OracleProcess oracle = new OracleProcess()) {
      Sweep sweep = new Sweep(oracle, model, arena, SEED);
      for (Form form : forms) {
        FormReport report = new FormReport(form);
        for (Mode mode : MODES) {
          sweep.run(form, mode, 0, cases, report);
        }
        reports.add(report);
      }
    }
    return reports;
  }

  private static List<Form> forms(String... mnemonics) {
    return OpcodeTable.forms().stream()
        .filter(form -> Denied.reason(form) == null)
        .filter(form -> mnemonics.length == 0 || List.of(mnemonics).contains(form.mnemonic()))
        .toList();
  }

  @Test
  void theHostAnswersTheSameTwice() throws IOException {
    for (FormReport report : sweep(null, 256, forms())) {
      assertEquals(List.of(), report.failures(), "seed " + SEED);
    }
  }

  @Test
  void everyDeniedNameIsInTheTable() {
    for (String mnemonic : Denied.mnemonics()) {
      assertTrue(
          OpcodeTable.forms().stream().anyMatch(form -> form.mnemonic().equals(mnemonic)),
          mnemonic);
    }
  }

  @Test
  void aModelWithoutBugsAgrees() throws IOException {
    for (FormReport report :
        sweep(new TinyModel(TinyModel.Bug.NONE), 2048, forms("add", "adc", "shl"))) {
      assertTrue(report.hasModel() || report.form.is(Attribute.NO64), report.toString());
      assertEquals(List.of(), report.failures(), "seed " + SEED);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void noBugGetsPast(TinyModel.Bug bug) throws IOException {
    List<FormReport> reports = sweep(new TinyModel(bug), 1024, forms("add", "adc", "shl"));
    assertTrue(
        reports.stream().anyMatch(report -> report.failedCases() > 0), bug + ", seed " + SEED);
  }

  @Test
  void aCaseThatEndsTheChildIsToldAndTheNextOneRuns() throws IOException {
    try (OracleProcess oracle = new OracleProcess()) {
      Batch batch = oracle.batch();
      CaseLayout layout = new CaseLayout(false, CaseLayout.HOT_BYTES);
      batch.begin(true, layout, SEED);
      batch.code(0, HexFormat.of().parseHex("0f05")); // syscall
      batch.code(1, HexFormat.of().parseHex("48ffc0")); // inc rax
      for (int i = 0; i < 3; i++) {
        long at = Batch.caseAt(i, layout);
        batch.memory.set(JAVA_INT, at + CaseLayout.SLOT, i == 1 ? 0 : 1);
        batch.memory.set(JAVA_LONG, at, 231); // exit_group
      }
      batch.count(3);
      batch.first(0);
      oracle.order();
      assertEquals(1, oracle.await());
      batch.first(2);
      oracle.order();
      assertEquals(-1, oracle.await());
      assertEquals(232, batch.memory.get(JAVA_LONG, Batch.resultAt(2, layout)));
    }
  }
}
