package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.AlignmentContract;
import dev.javisor.testkit.contract.CoalescingContract;
import dev.javisor.testkit.contract.DebugContract;
import dev.javisor.testkit.contract.DoorbellContract;
import dev.javisor.testkit.contract.ExceptionContract;
import dev.javisor.testkit.contract.FaultContract;
import dev.javisor.testkit.contract.GuardedKernelContract;
import dev.javisor.testkit.contract.HighMemoryContract;
import dev.javisor.testkit.contract.InterruptContract;
import dev.javisor.testkit.contract.KickContract;
import dev.javisor.testkit.contract.LegacyModeContract;
import dev.javisor.testkit.contract.MemoryContract;
import dev.javisor.testkit.contract.MmioContract;
import dev.javisor.testkit.contract.MultiprocessorContract;
import dev.javisor.testkit.contract.PagingContract;
import dev.javisor.testkit.contract.PortContract;
import dev.javisor.testkit.contract.PrivilegeContract;
import dev.javisor.testkit.contract.SelfModifyingContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.x86.code.OneByOneExecutor;
import org.junit.jupiter.api.Nested;

/// Every contract of an engine on the second executor: what it sees of a processor is the same.
/// [OneByOneStateContractTest] starts another process, and so has to be a class of its own.
class OneByOneContractsTest {
  static Hypervisor engine() {
    return new SoftwareHypervisor(EngineOptions.STANDARD.withExecutor(OneByOneExecutor::new));
  }

  @Nested
  class Alignment extends AlignmentContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Coalescing extends CoalescingContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Debug extends DebugContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Doorbell extends DoorbellContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Exception extends ExceptionContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Fault extends FaultContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class GuardedKernel extends GuardedKernelContract {
    @Override
    protected Hypervisor open() {
      return new SoftwareHypervisor(
          EngineOptions.STANDARD
              .withModel(CpuModel.standard().withGuardedKernel())
              .withExecutor(OneByOneExecutor::new));
    }
  }

  @Nested
  class HighMemory extends HighMemoryContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Interrupt extends InterruptContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Kick extends KickContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class LegacyMode extends LegacyModeContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Memory extends MemoryContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Mmio extends MmioContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Multiprocessor extends MultiprocessorContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Paging extends PagingContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Port extends PortContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class Privilege extends PrivilegeContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }

  @Nested
  class SelfModifying extends SelfModifyingContract {
    @Override
    protected Hypervisor open() {
      return engine();
    }
  }
}
