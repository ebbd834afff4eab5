package dev.javisor.x86.state;

/// What instructions ask of the world around a processor. Calls come on the vCPU's thread.
public interface Platform {

  /// That one repetition of an instruction is complete: if it asks again, it asks for the next.
  void completed();

  /// IN of 1, 2 or 4 bytes.
  ///
  /// @throws AccessExit to be run again, as for all accesses to devices
  long in(int port, int size);

  void out(int port, int size, long value);

  /// Model-specific registers that are not slots.
  ///
  /// @throws CpuFault `#GP(0)` where there is none
  long readMsr(Cpu cpu, int index);

  void writeMsr(Cpu cpu, int index, long value);

  /// The four words of leaf `leaf`, EAX in `into[0]`.
  void cpuid(Cpu cpu, int leaf, int subleaf, int[] into);

  /// The time-stamp counter.
  long tsc(Cpu cpu);

  /// Bits of CR4 that this processor has beyond those that all have: SMEP, SMAP, UMIP.
  default long cr4Bits() {
    return 0;
  }

  /// The task priority as CR8 has it.
  long cr8(Cpu cpu);

  void cr8(Cpu cpu, long value);
}
