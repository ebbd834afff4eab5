package dev.javisor.x86.engine;

import dev.javisor.vmm.irq.Doorbell;
import java.util.function.BooleanSupplier;

/// When things happen to a machine: by the host's clock ([WallSchedule]) or at exact instructions
/// ([InstructionSchedule]). The vCPU's thread calls, except where a method says otherwise.
interface Schedule extends AutoCloseable {

  /// Whether what an instruction sees of time has to be that of the instruction itself, and not of
  /// the block it is in.
  boolean isExact();

  /// How many instructions may be run before [#runDue] is to be called again, 1 to `most`.
  int slice(int most);

  /// Does what is due now, between two instructions.
  ///
  /// @param isWanted whether the vCPU is to leave the guest: ends waits, which the next call goes
  ///     on with
  void runDue(BooleanSupplier isWanted);

  /// Nothing is to be done until someone kicks or something is due; true if time has gone on to
  /// that moment.
  boolean skipIdle();

  /// The vCPU begins to run the guest; its exits for accesses to devices are part of that.
  void begins();

  /// It has stopped between two instructions, for others to do what they want.
  void stops();

  /// A doorbell for a device. Any thread.
  Doorbell createDoorbell();

  /// Goes on from a saved moment of the machine's clock. While the vCPU rests.
  void goOnFrom(long nanos);

  @Override
  void close();
}
