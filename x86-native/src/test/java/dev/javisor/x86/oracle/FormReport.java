package dev.javisor.x86.oracle;

import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What was seen of one form.
final class FormReport {
  private static final int LINES_MAX = 4;

  final Form form;
  private long cases;
  private long masked;
  private long told;
  private long failed;
  private boolean hasModel;
  private final TreeMap<Long, Long> faults = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();

  FormReport(Form form) {
    this.form = form;
  }

  void modelled() {
    hasModel = true;
  }

  /// Whether the model had any instruction of it.
  boolean hasModel() {
    return hasModel;
  }

  /// Takes a case down.
  void saw(long vector, Exempt exempt) {
    cases++;
    if (vector != CaseLayout.NO_VECTOR) {
      faults.merge(vector, 1L, Long::sum);
      return;
    }
    masked += Integer.bitCount(exempt.flags());
    boolean flagsTell = (form.flags().written() & ~exempt.flags()) != 0;
    boolean placesTell = exempt.registers() == 0 && !exempt.is(Exempt.MEMORY) && writesPlaces();
    if (flagsTell || placesTell || form.flags().written() == 0) {
      told++;
    }
  }

  private boolean writesPlaces() {
    return form.operands().stream().anyMatch(o -> o.access().writes())
        || form.implied().stream().anyMatch(o -> o.access().writes());
  }

  /// Takes a failure down.
  ///
  /// @return whether the text is wanted
  boolean failed() {
    failed++;
    return failed <= LINES_MAX;
  }

  void failure(String text) {
    failures.add(text);
  }

  List<String> failures() {
    return failures;
  }

  long failedCases() {
    return failed;
  }

  long cases() {
    return cases;
  }

  long masked() {
    return masked;
  }

  long faults() {
    return faults.values().stream().mapToLong(Long::longValue).sum();
  }

  /// Why its cases say nothing, null if they do.
  @Nullable String hollow() {
    boolean faultsAlways =
        form.is(Attribute.CPL0) || form.is(Attribute.IOPL) || form.is(Attribute.IO);
    if (cases == 0) {
      return form + ": no case";
    } else if (faults() == cases && !faultsAlways) {
      return form + ": every case faulted: " + faults;
    } else if (told == 0 && !faultsAlways) {
      return form + ": everything that it writes was masked";
    }
    return null;
  }

  @Override
  public String toString() {
    return "%-36s %6d cases, faults %s, %d bits masked, %d wrong%s"
        .formatted(form, cases, faults, masked, failed, hasModel ? "" : ", no model");
  }
}
