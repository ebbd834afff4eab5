package dev.javisor.x86.event;

import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// An exception of the guest's.
@Name("dev.javisor.GuestException")
@Label("Guest Exception")
@Category({"Javisor", "Processor"})
@StackTrace(false)
@Enabled(false)
public final class ExceptionEvent extends Event {
  private static final ExceptionEvent SAMPLE = new ExceptionEvent(0, 0, 0, 0);

  @Label("vCPU")
  private final int vcpu;

  @Label("Vector")
  private final int vector;

  @Label("Error Code")
  private final int errorCode;

  @Label("RIP")
  private final long rip;

  private ExceptionEvent(int vcpu, int vector, int errorCode, long rip) {
    this.vcpu = vcpu;
    this.vector = vector;
    this.errorCode = errorCode;
    this.rip = rip;
  }

  /// One, if somebody records them.
  public static void note(int vcpu, int vector, int errorCode, long rip) {
    if (SAMPLE.isEnabled()) {
      new ExceptionEvent(vcpu, vector, errorCode, rip).commit();
    }
  }
}
