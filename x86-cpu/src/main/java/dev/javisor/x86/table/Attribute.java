package dev.javisor.x86.table;

/// What a row says of a form beyond operands and flags; in the files the names are in lower case.
public enum Attribute {
  /// With a memory destination it takes LOCK; everything else with LOCK is `#UD` (SDM 2, LOCK).
  LOCK,
  /// Atomic with or without the prefix: XCHG with memory.
  LOCKS,
  /// F2 and F3 both repeat it rCX times.
  REP,
  /// F3 repeats it while equal, F2 while not.
  REPZ,

  /// Not in 64-bit mode.
  NO64,
  /// In 64-bit mode only; SYSCALL and SYSRET as Intel has them.
  ONLY64,
  /// The operand size in 64-bit mode is 64, or 16 with 66 (SDM 2, 2.2.1.7).
  D64,
  /// The operand size in 64-bit mode is 64 whatever the prefixes; near branches as Intel has them.
  F64,
  /// The processor takes mod for 3 whatever it is: MOV to and from CR and DR.
  ANYMOD,

  /// The last of its block: control goes elsewhere, or what the block was keyed on may change.
  END,
  /// A transfer that loads CS.
  FAR,
  /// Raises an exception or interrupt on purpose.
  TRAP,
  /// Loads a segment register or a descriptor register and meets what that may raise.
  SEGMENT,
  /// Holds interrupts off until the next instruction has ended: STI, MOV and POP to SS.
  SHADOW,
  /// The memory that it addresses may be any distance from the operand: BT with a register.
  BITS,

  /// `#GP` unless CPL is 0.
  CPL0,
  /// `#GP` if CPL is above IOPL.
  IOPL,
  /// As IOPL, unless the TSS's bitmap allows the ports.
  IO,
  /// In virtual-8086 mode IOPL below 3 makes it `#GP`, or VIF's business.
  VME,
  /// `#UD` in real-address and virtual-8086 mode; SYSENTER and SYSEXIT in real-address mode `#GP`.
  PROT,
  /// `#GP` outside CPL 0 with CR4.UMIP.
  UMIP,
  /// `#UD` outside CPL 0, and on a processor without SMAP.
  SMAP,
  /// `#GP` outside CPL 0 with CR4.TSD.
  TSD,
  /// `#GP` outside CPL 0 without CR4.PCE.
  PCE,

  /// May raise `#DE`.
  DE,
  /// May raise `#BR`.
  BR,
  /// `#NM` if CR0.EM or CR0.TS is set (WAIT: both MP and TS).
  X87,
  /// Raises `#MF` when an x87 exception is pending.
  MF,
  /// Works on MMX registers: `#UD` with CR0.EM, `#NM` with CR0.TS, `#MF` when pending.
  MMX,
  /// `#UD` with CR0.EM or without CR4.OSFXSR (not for MMX registers), `#NM` with CR0.TS.
  SSE,
  /// The same for what came with SSE2.
  SSE2,
  /// May raise `#XM`.
  XM,
  /// A 16-byte memory operand must be aligned, else `#GP`.
  ALIGN,

  /// Does nothing here; a processor that knows more does something else with it.
  HINT
}
