package dev.javisor.x86.chip;

/// Which local APICs a logical destination means (SDM 3A, 11.6.2.2 and 11.12.10.2).
final class LogicalDestination {
  private static final int FLAT = 0xF;
  private static final int CLUSTER_OF_X2APIC_SHIFT = 16;
  private static final int MEMBERS_OF_X2APIC = 0xFFFF;

  private LogicalDestination() {}

  /// The LDR of an x2APIC, which is read-only.
  static int ofX2apic(int id) {
    return id >>> 4 << CLUSTER_OF_X2APIC_SHIFT | 1 << (id & 0xF);
  }

  /// @param destination not a broadcast
  static boolean matches(ApicRegisters registers, ApicMode mode, int destination) {
    int logicalId = registers.get(ApicRegisters.LDR);
    if (mode == ApicMode.X2APIC) {
      return matchesX2apic(logicalId, destination);
    }
    boolean flat = registers.get(ApicRegisters.DFR) >>> 28 == FLAT;
    return flat
        ? (logicalId >>> 24 & destination) != 0
        : matchesCluster(logicalId >>> 24, destination);
  }

  private static boolean matchesX2apic(int logicalId, int destination) {
    return logicalId >>> CLUSTER_OF_X2APIC_SHIFT == destination >>> CLUSTER_OF_X2APIC_SHIFT
        && (logicalId & destination & MEMBERS_OF_X2APIC) != 0;
  }

  private static boolean matchesCluster(int logicalId, int destination) {
    return logicalId >>> 4 == destination >>> 4 && (logicalId & destination & 0xF) != 0;
  }
}
