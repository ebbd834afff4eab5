package dev.javisor.x86.engine;

/// Looks at a vCPU each time it has run so many instructions, between two of them and on its
/// thread.
///
/// @param period in instructions, 1 or more
public record CountWatch(long period, Look look) {

  /// Nobody looks.
  public static final CountWatch NEVER = new CountWatch(Long.MAX_VALUE, (_, _) -> {});

  /// What is done then.
  @FunctionalInterface
  public interface Look {
    /// @param instructions how many it has run: a multiple of the period
    void at(SoftwareVcpu vcpu, long instructions);
  }

  /// The first multiple of the period above `instructions`.
  long after(long instructions) {
    return period == Long.MAX_VALUE ? period : (instructions / period + 1) * period;
  }
}
