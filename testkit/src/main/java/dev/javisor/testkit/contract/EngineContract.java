package dev.javisor.testkit.contract;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.RealMode;
import dev.javisor.vmm.hypervisor.Hypervisor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// What the contracts share: one engine and any number of guests a test, all closed after it.
public abstract class EngineContract {
  /// What QEMU's emulator, and so the KVM lab, has otherwise than the manual: no segment limits, no
  /// RF, codes of its own for gates, breakpoints that crash it or outlive their guest. The manual
  /// decides; such a test runs on the software engine and on processors.
  static final String BEYOND_TCG = "beyond-tcg";

  /// The same of a KVM that runs guests in its instruction emulator, which ends at INT3.
  static final String BEYOND_EMULATING_KVM = "beyond-emulating-kvm";

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private @Nullable Hypervisor hypervisor;

  /// The engine under test, opened anew.
  protected abstract Hypervisor open();

  @BeforeEach
  final void openEngine() {
    hypervisor = own(open());
  }

  @AfterEach
  final void closeEverything() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  protected final Hypervisor hypervisor() {
    return Objects.requireNonNull(hypervisor);
  }

  /// Closes `thing` after the test, later ones first.
  protected final <T extends AutoCloseable> T own(T thing) {
    opened.push(thing);
    return thing;
  }

  protected final RealMode realMode() {
    return new RealMode(PayloadGuest.REAL_CODE);
  }

  protected final LongMode longMode() {
    return new LongMode(PayloadGuest.LONG_CODE);
  }

  protected final PayloadGuest guest(RealMode code) {
    return own(PayloadGuest.of(hypervisor(), code));
  }

  protected final PayloadGuest guest(LongMode code) {
    return own(PayloadGuest.of(hypervisor(), code));
  }
}
