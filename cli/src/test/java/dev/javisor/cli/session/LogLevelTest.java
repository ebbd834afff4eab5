package dev.javisor.cli.session;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LogLevelTest {
  @Test
  void eachIncludesThoseBefore() {
    assertTrue(LogLevel.WARN.says(LogLevel.ERROR));
    assertTrue(LogLevel.WARN.says(LogLevel.WARN));
    assertFalse(LogLevel.WARN.says(LogLevel.INFO));
    assertTrue(LogLevel.DEBUG.says(LogLevel.INFO));
  }
}
