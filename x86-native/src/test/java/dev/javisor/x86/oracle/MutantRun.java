package dev.javisor.x86.oracle;

import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.OpcodeTable;
import java.lang.foreign.Arena;
import java.util.concurrent.Callable;

/// Looks for a difference between the host and an interpreter that may have a bug. [MutantLoader]
/// loads it together with that interpreter, so that nothing but its name is known outside.
public final class MutantRun implements Callable<Boolean> {
  private static final long SEED = 1;

  /// A few cases of every form first: most bugs show at once.
  private static final int[] ROUNDS = {128, 2048};

  /// Whether a form fails, the interpreter's own exceptions included.
  @Override
  public Boolean call() throws Exception {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(MutantRun.class.getClassLoader());
    try {
      return isFound();
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  private static boolean isFound() throws Exception {
    try (Arena arena = Arena.ofShared();
        OracleProcess oracle = new OracleProcess()) {
      for (int cases : ROUNDS) {
        Sweep sweep = new Sweep(oracle, new InterpreterModel(), arena, SEED);
        for (Form form : OpcodeTable.forms()) {
          if (isInteger(form) && Denied.reason(form) == null && fails(sweep, form, cases)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static boolean isInteger(Form form) {
    return !form.is(Attribute.X87)
        && !form.is(Attribute.MMX)
        && !form.is(Attribute.SSE)
        && !form.is(Attribute.SSE2);
  }

  private static boolean fails(Sweep sweep, Form form, int cases) throws Exception {
    FormReport report = new FormReport(form);
    try {
      sweep.run(form, Mode.LONG, 0, cases, report);
      sweep.run(form, Mode.CODE32, 0, cases, report);
    } catch (RuntimeException | AssertionError e) {
      return true;
    }
    return report.failedCases() > 0;
  }
}
