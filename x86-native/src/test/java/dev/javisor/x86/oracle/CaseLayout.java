package dev.javisor.x86.oracle;

import dev.javisor.x86.nativecode.HostStub;

/// What a case consists of, before as after it was run: a block as the stub loads and stores it,
/// what came of it, and the hot part of scratch memory.
///
/// @param fx whether x87, MMX and XMM registers belong to it
/// @param hotBytes how much of scratch memory
record CaseLayout(boolean fx, int hotBytes) {
  static final int GENERAL = 0;
  static final int FLAGS = 128;

  /// Where the instruction is; where it went.
  static final int RIP = 136;

  /// The exception's vector, -1 for none; its error code; CR2 after `#PF`.
  static final int VECTOR = 144;

  static final int ERROR = 152;
  static final int CR2 = 160;

  /// The instruction's slot, and where in scratch memory the hot part is.
  static final int SLOT = 168;

  static final int HOT_OFFSET = 172;
  static final int FX = 192;
  static final int FX_BYTES = 512;

  static final int NO_VECTOR = -1;
  static final int PAGE_FAULT = 14;

  /// What almost every instruction needs.
  static final int HOT_BYTES = 256;

  /// What FXSAVE needs.
  static final int HOT_BYTES_MAX = 1024;

  static final HostStub.Layout STUB = new HostStub.Layout(GENERAL, FLAGS, FX);

  /// Where the image of the hot part is.
  int hot() {
    return fx ? FX + FX_BYTES : FX;
  }

  int bytes() {
    return hot() + hotBytes;
  }

  int pieces() {
    return fx ? HostStub.WITH_FX : HostStub.GENERAL;
  }
}
