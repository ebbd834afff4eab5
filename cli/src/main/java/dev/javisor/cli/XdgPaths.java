package dev.javisor.cli;

import java.nio.file.Path;

/// Where this user's files go (XDG Base Directory Specification 0.8).
public final class XdgPaths {
  private XdgPaths() {}

  /// What can be made again: packages, guests, measurements.
  public static Path cache() {
    return under("XDG_CACHE_HOME", ".cache");
  }

  /// What is written while running: logs.
  public static Path state() {
    return under("XDG_STATE_HOME", ".local/state");
  }

  private static Path under(String variable, String fallback) {
    String named = System.getenv(variable);
    Path base =
        named != null && Path.of(named).isAbsolute()
            ? Path.of(named)
            : Path.of(System.getProperty("user.home", "/")).resolve(fallback);
    return base.resolve("javisor");
  }
}
