package dev.javisor.x86.smp;

import dev.javisor.x86.block.BlockExecutor;
import dev.javisor.x86.code.OneByOneExecutor;
import org.junit.jupiter.api.Nested;

/// Several processors on the second executor: those tests in which one changes what another has
/// found, or stops it.
class OneByOneTest {
  @Nested
  class CrossModifying extends CrossModifyingTest {
    @Override
    BlockExecutor executor() {
      return new OneByOneExecutor();
    }
  }

  @Nested
  class LockedAccess extends LockedAccessTest {
    @Override
    BlockExecutor executor() {
      return new OneByOneExecutor();
    }
  }

  @Nested
  class ShootDown extends ShootDownTest {
    @Override
    BlockExecutor executor() {
      return new OneByOneExecutor();
    }
  }
}
