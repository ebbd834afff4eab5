package dev.javisor.cli.doctor;

/// One line of the doctor's report.
///
/// @param remedy what to do; empty when nothing needs doing
public record Finding(String subject, Level level, String finding, String remedy) {
  public enum Level {
    OK,
    /// Something is missing that only some need.
    NOTE,
    /// No machine runs until this is put right.
    FAIL
  }
}
