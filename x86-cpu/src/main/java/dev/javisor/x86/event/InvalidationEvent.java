package dev.javisor.x86.event;

import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// Decoded code was dropped, since its bytes were stored to or there was too much.
@Name("dev.javisor.CodeInvalidation")
@Label("Code Invalidation")
@Category({"Javisor", "Processor"})
@StackTrace(false)
@Enabled(false)
public final class InvalidationEvent extends Event {
  private static final InvalidationEvent SAMPLE = new InvalidationEvent(0, 0);

  @Label("Guest-Physical Address")
  private final long gpa;

  @Label("Bytes")
  private final long bytes;

  private InvalidationEvent(long gpa, long bytes) {
    this.gpa = gpa;
    this.bytes = bytes;
  }

  /// One, if somebody records them.
  public static void note(long gpa, long bytes) {
    if (SAMPLE.isEnabled()) {
      new InvalidationEvent(gpa, bytes).commit();
    }
  }
}
