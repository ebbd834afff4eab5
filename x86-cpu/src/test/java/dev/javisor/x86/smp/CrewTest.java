package dev.javisor.x86.smp;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.x86.block.BlockExecutor;
import dev.javisor.x86.code.OpExecutor;

/// What several processors do together, whatever runs their blocks.
abstract class CrewTest {
  BlockExecutor executor() {
    return new OpExecutor();
  }

  final Crew crew(LongMode... codes) {
    return Crew.of(this::executor, codes);
  }
}
