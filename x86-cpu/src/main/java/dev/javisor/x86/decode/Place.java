package dev.javisor.x86.decode;

import dev.javisor.x86.table.Access;

/// One operand of an instruction: where it is, how wide, and what is done to it.
///
/// @param register its number in its file; of memory and immediates nothing
/// @param bytes 0 where the address alone matters
public record Place(File file, int register, int bytes, Access access) {

  /// The register files, and what is none.
  public enum File {
    GENERAL,
    /// AH, CH, DH, BH as 0 to 3.
    HIGH_BYTE,
    SEGMENT,
    CONTROL,
    DEBUG,
    /// The x87 stack, by distance from its top.
    ST,
    MMX,
    XMM,
    /// Addressed through ModRM or by the instruction's own bytes.
    MEMORY,
    /// Addressed by rSI, rDI, rSP, rBP or rBX, as the instruction has it.
    IMPLIED_MEMORY,
    IMMEDIATE
  }
}
