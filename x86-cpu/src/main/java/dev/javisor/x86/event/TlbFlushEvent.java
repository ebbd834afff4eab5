package dev.javisor.x86.event;

import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// A vCPU has forgotten its translations.
@Name("dev.javisor.TlbFlush")
@Label("TLB Flush")
@Category({"Javisor", "Processor"})
@StackTrace(false)
@Enabled(false)
public final class TlbFlushEvent extends Event {
  private static final TlbFlushEvent SAMPLE = new TlbFlushEvent(0, false);

  @Label("vCPU")
  private final int vcpu;

  @Label("Global")
  private final boolean global;

  private TlbFlushEvent(int vcpu, boolean global) {
    this.vcpu = vcpu;
    this.global = global;
  }

  /// One, if somebody records them.
  public static void note(int vcpu, boolean global) {
    if (SAMPLE.isEnabled()) {
      new TlbFlushEvent(vcpu, global).commit();
    }
  }
}
