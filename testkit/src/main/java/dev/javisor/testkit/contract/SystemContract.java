package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;

import dev.javisor.testkit.asm.LongMode;

/// What the contracts about the processor's own machinery share.
abstract class SystemContract extends EngineContract {
  static final int WRITE = 2;
  static final int USER = 4;
  static final long TF = 1 << 8;
  static final long IF = 1 << 9;
  static final long DF = 1 << 10;
  static final long IOPL_3 = 3 << 12;
  static final long NT = 1 << 14;
  static final long RF = 1 << 16;

  /// Where a second piece of code may be put.
  static final int OTHER_CODE = 0x60000;

  /// EBX of CPUID leaf 0.
  private static final long GENUINE_INTEL = 0x756E_6547;

  /// About to run `code` at privilege level 0.
  final SystemGuest system(LongMode code) {
    return own(new SystemGuest(hypervisor(), code, false));
  }

  /// About to run `code` at privilege level 3.
  final SystemGuest user(LongMode code) {
    return own(new SystemGuest(hypervisor(), code, true));
  }

  static LongMode end(LongMode code) {
    return code.label("end").outAl(SystemGuest.END).label("rest").jmp("rest");
  }

  /// Goes to `label` at privilege level 3 with `flags`, by IRETQ.
  static LongMode toUser(LongMode code, String label, long flags) {
    code.push(SystemGuest.USER_DATA).push(SystemGuest.USER_STACK).push((int) flags | 2);
    return code.push(SystemGuest.USER_CODE).lea(RAX, label).push(RAX).iretq();
  }

  /// Whether the processor is Intel's, as far as the guest can tell: where vendors differ.
  final boolean isIntel() {
    LongMode code = longMode().mov(RAX, 0).bytes(0x0F, 0xA2); // cpuid
    return (system(end(code)).end().rbx() & 0xFFFF_FFFFL) == GENUINE_INTEL;
  }
}
