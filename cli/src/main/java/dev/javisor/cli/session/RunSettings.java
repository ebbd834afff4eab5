package dev.javisor.cli.session;

import java.nio.file.Path;

/// How a run is carried out, apart from what runs.
///
/// @param logFile takes the guest's kernel log
/// @param traceExits prints at the end what the vCPUs exited for
/// @param verbose says more on stderr
/// @param times what the start has taken so far
public record RunSettings(Path logFile, boolean traceExits, boolean verbose, StartTimes times) {}
