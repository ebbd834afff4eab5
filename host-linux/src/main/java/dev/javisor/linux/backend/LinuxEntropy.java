package dev.javisor.linux.backend;

import dev.javisor.linux.call.Errno;
import dev.javisor.linux.call.Syscall;
import dev.javisor.vmm.backend.EntropySource;
import java.lang.foreign.MemorySegment;

/// The host kernel's random numbers (man 2 getrandom). Waits only while the host has none yet.
public final class LinuxEntropy implements EntropySource {
  private static final int GETRANDOM = 318;

  /// Larger requests may be cut short by a signal.
  private static final long CHUNK_BYTES = 256;

  /// @param target native memory, as guest RAM is
  @Override
  public void fill(MemorySegment target) {
    for (long done = 0; done < target.byteSize(); ) {
      long want = Math.min(CHUNK_BYTES, target.byteSize() - done);
      long got = Syscall.invoke(GETRANDOM, target.address() + done, want, 0);
      if (got != -Errno.EINTR) {
        done += Syscall.check(got, "getrandom", want + " bytes");
      }
    }
  }
}
