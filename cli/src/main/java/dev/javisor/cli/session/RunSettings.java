package dev.javisor.cli.session;

import java.nio.file.Path;

/// How a run is carried out, apart from what runs.
///
/// @param logFile takes the guest's kernel log
/// @param traceExits prints at the end what the vCPUs exited for
/// @param log how much is said on stderr
/// @param times what the start has taken so far
public record RunSettings(Path logFile, boolean traceExits, LogLevel log, StartTimes times) {
  boolean says(LogLevel message) {
    return log.says(message);
  }
}
