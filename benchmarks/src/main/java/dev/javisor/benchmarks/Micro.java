package dev.javisor.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/// One run of all three bindings and its table: `Micro kvm|here CALLS-BINARY JVM-FLAG...`. C runs
/// before and after.
///
/// Each figure is the best of many stretches of some milliseconds, so short that on a busy machine
/// some have the processor to themselves; the median stands beside it and tells how busy it was.
public final class Micro {
  private static final double BAR_NANOS = 100;

  private Micro() {}

  private record Measured(double best, double median, double bytes) {}

  public static void main(String[] args) throws IOException, RunnerException {
    boolean kvm = args[0].equals("kvm");
    Map<String, Measured> measured = runC(args[1], args[0]);
    measured.putAll(runJmh(kvm, Arrays.copyOfRange(args, 2, args.length)));
    runC(args[1], args[0])
        .forEach((call, again) -> measured.merge(call, again, (x, y) -> x.best < y.best ? x : y));
    System.out.printf(
        "%-10s %19s %19s %19s %8s %8s %7s%n",
        "ns: best (median)", "C", "FFM", "JNA", "FFM-C", "JNA-C", "B/call");
    for (String call : measured.keySet()) {
      if (!call.contains("_")) {
        print(call, measured);
      }
    }
    System.out.printf(
        "FFM is the product's own way. Bar: FFM-C <= %.0f ns for version and immediate, on hardware%n",
        BAR_NANOS);
  }

  private static void print(String call, Map<String, Measured> measured) {
    Measured none = new Measured(Double.NaN, Double.NaN, Double.NaN);
    Measured c = measured.getOrDefault(call, none);
    Measured ffm = measured.getOrDefault(call + "_ffm", none);
    Measured jna = measured.getOrDefault(call + "_jna", none);
    System.out.printf(
        Locale.ROOT,
        "%-17s %9.1f (%9.1f) %8.1f (%9.1f) %8.1f (%9.1f) %8.1f %8.1f %7.1f%n",
        call,
        c.best,
        c.median,
        ffm.best,
        ffm.median,
        jna.best,
        jna.median,
        ffm.best - c.best,
        jna.best - c.best,
        ffm.bytes);
  }

  private static Map<String, Measured> runJmh(boolean kvm, String[] flags) throws RunnerException {
    Class<?> suite = kvm ? KvmBenchmark.class : SystemCallBenchmark.class;
    Options options =
        new OptionsBuilder()
            .include(suite.getName())
            .verbosity(VerboseMode.SILENT)
            .addProfiler(GCProfiler.class)
            .forks(1)
            .warmupIterations(3)
            .warmupTime(TimeValue.milliseconds(700))
            .measurementIterations(150)
            .measurementTime(TimeValue.milliseconds(8))
            .jvmArgs(flags)
            .shouldFailOnError(true)
            .build();
    Collection<RunResult> results = new Runner(options).run();
    Map<String, Measured> measured = new LinkedHashMap<>();
    for (RunResult result : results) {
      Result<?> score = result.getPrimaryResult();
      String label = score.getLabel();
      Statistics all = score.getStatistics();
      measured.put(label, new Measured(all.getMin(), all.getPercentile(50), bytes(result)));
    }
    return measured;
  }

  private static double bytes(RunResult result) {
    OptionalDouble norm =
        result.getSecondaryResults().entrySet().stream()
            .filter(entry -> entry.getKey().endsWith("gc.alloc.rate.norm"))
            .mapToDouble(entry -> entry.getValue().getScore())
            .findFirst();
    return norm.orElse(Double.NaN);
  }

  private static Map<String, Measured> runC(String binary, String what) throws IOException {
    Process process =
        new ProcessBuilder(binary, what).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    Map<String, Measured> nanos = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ", -1);
      nanos.put(
          words[0], new Measured(Double.parseDouble(words[1]), Double.parseDouble(words[2]), 0));
    }
    return nanos;
  }
}
