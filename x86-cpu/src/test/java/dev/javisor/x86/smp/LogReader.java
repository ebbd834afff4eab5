package dev.javisor.x86.smp;

import dev.javisor.testkit.contract.PayloadGuest;
import java.lang.foreign.ValueLayout;

/// Copies a word whenever its page is said to have been written, as a migration does.
final class LogReader implements Runnable {
  private final PayloadGuest guest;
  private final int gpa;
  private volatile boolean stopping;
  private long last = Long.MAX_VALUE;
  private boolean isMonotonic = true;

  LogReader(PayloadGuest guest, int gpa) {
    this.guest = guest;
    this.gpa = gpa;
    guest.vm().logDirtyPages(guest.region(), true);
  }

  @Override
  public void run() {
    while (!stopping) {
      copy();
    }
    copy();
  }

  private void copy() {
    int page = gpa >>> 12;
    long[] taken = guest.vm().takeDirtyPages(guest.region());
    if ((taken[page >>> 6] >>> (page & 63) & 1) != 0) {
      long now = guest.ram().get(ValueLayout.JAVA_LONG, gpa);
      isMonotonic &= now <= last;
      last = now;
    }
  }

  void stop() {
    stopping = true;
  }

  long last() {
    return last;
  }

  boolean isMonotonic() {
    return isMonotonic;
  }
}
