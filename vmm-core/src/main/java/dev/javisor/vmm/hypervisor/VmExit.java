package dev.javisor.vmm.hypervisor;

import java.nio.ByteBuffer;

/// Why the guest stopped running: everything the loop must answer, and nothing engine-specific.
/// The bytes of port accesses are little-endian buffers from 0 to their limit.
public sealed interface VmExit {

  /// `IN` of `size` bytes (1, 2, 4), `count` times (`REP INS`); fill `data`, `size * count` bytes,
  /// or, if it is one item, answer it.
  record PortIn(int port, int size, int count, ByteBuffer data) implements VmExit {}

  /// `OUT` of `size` bytes (1, 2, 4), `count` times (`REP OUTS`).
  record PortOut(int port, int size, int count, ByteBuffer data) implements VmExit {}

  /// A load of `size` bytes (1..8) from where no RAM is; answer it.
  record MmioRead(long gpa, int size) implements VmExit {}

  /// A store of `size` bytes (1..8) to where no RAM is. `value` is zero-extended.
  record MmioWrite(long gpa, int size, long value) implements VmExit {}

  /// `HLT`, where no interrupt controller of the engine's takes care of it.
  record Halted() implements VmExit {}

  /// The processor shut down: a triple fault.
  record Shutdown() implements VmExit {}

  /// [Vcpu#requestExit] was called.
  record Interrupted() implements VmExit {}

  /// The engine gave up on this vCPU; `detail` is its own code (KVM:
  /// `hardware_entry_failure_reason` or the suberror), kept for the report.
  record Failed(String reason, long detail) implements VmExit {}

  /// A reason this version does not know, kept with the engine's number for it.
  record Unknown(int reason) implements VmExit {}
}
