package dev.javisor.x86.engine;

import dev.javisor.vmm.backend.TimeSource;
import dev.javisor.x86.block.BlockExecutor;
import dev.javisor.x86.code.OpExecutor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the machines of a [SoftwareHypervisor] have in common.
///
/// @param model which processor guests see
/// @param time the clock of machines that have no pace
/// @param pace how time passes by instructions; null for the clock's
/// @param watch looks at vCPUs now and then
/// @param trace what of their vCPUs' lives is written down
/// @param log told what is odd, and how fast each vCPU was when it is closed; on its thread
/// @param executor makes what runs a vCPU's blocks
public record EngineOptions(
    CpuModel model,
    TimeSource time,
    @Nullable Pace pace,
    CountWatch watch,
    CpuTrace trace,
    Consumer<String> log,
    Supplier<BlockExecutor> executor) {

  /// By the host's clocks, unwatched and silent.
  public static final EngineOptions STANDARD =
      new EngineOptions(
          CpuModel.standard(),
          TimeSource.HOST,
          null,
          CountWatch.NEVER,
          CpuTrace.NONE,
          _ -> {},
          OpExecutor::new);

  public EngineOptions withModel(CpuModel newModel) {
    return new EngineOptions(newModel, time, pace, watch, trace, log, executor);
  }

  public EngineOptions withTime(TimeSource newTime) {
    return new EngineOptions(model, newTime, pace, watch, trace, log, executor);
  }

  /// Machines have one vCPU, and their time is the instructions it runs.
  public EngineOptions withPace(Pace newPace) {
    return new EngineOptions(model, time, newPace, watch, trace, log, executor);
  }

  public EngineOptions withWatch(CountWatch newWatch) {
    return new EngineOptions(model, time, pace, newWatch, trace, log, executor);
  }

  public EngineOptions withTrace(CpuTrace newTrace) {
    return new EngineOptions(model, time, pace, watch, newTrace, log, executor);
  }

  public EngineOptions withLog(Consumer<String> newLog) {
    return new EngineOptions(model, time, pace, watch, trace, newLog, executor);
  }

  public EngineOptions withExecutor(Supplier<BlockExecutor> newExecutor) {
    return new EngineOptions(model, time, pace, watch, trace, log, newExecutor);
  }
}
