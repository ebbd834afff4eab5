package dev.javisor.x86.zydis;

import dev.javisor.x86.decode.Decoded;
import dev.javisor.x86.decode.Instruction;
import java.util.Set;

/// Which of Zydis' instruction sets the guest's processor has: x86-64-v1 with CMPXCHG16B, POPCNT,
/// LAHF and RDTSCP. What is in the others is `#UD` there.
final class GuestModel {
  private static final Set<String> BASELINE =
      Set.of(
          "I86",
          "I186",
          "I286REAL",
          "I286PROTECTED",
          "I386",
          "I486",
          "I486REAL",
          "PENTIUMREAL",
          "PENTIUMMMX",
          "PPRO",
          "CMOV",
          "FCMOV",
          "X87",
          "FXSAVE",
          "FXSAVE64",
          "RDPMC",
          "SSE",
          "SSEMXCSR",
          "SSE_PREFETCH",
          "SSE2",
          "SSE2MMX",
          "PAUSE",
          "CLFSH",
          "FAT_NOP",
          "PREFETCH_NOP",
          "LONGMODE",
          "LAHF",
          "CMPXCHG16B",
          "POPCNT",
          "RDTSCP",
          "SMAP"); // decoded; the executor asks the model

  static final String UNDEFINED = "#UD";

  private GuestModel() {}

  static boolean has(Zydis zydis) {
    return BASELINE.contains(zydis.isaSet());
  }

  /// The names of [#BASELINE] that Zydis does not know: a spelling that would hide a whole set.
  static Set<String> unknownSets() {
    return BASELINE.stream()
        .filter(name -> !Zydis.isaSets().contains(name))
        .collect(java.util.stream.Collectors.toSet());
  }

  /// What we call a result.
  static String name(Decoded decoded) {
    return switch (decoded) {
      case Instruction instruction -> instruction.form().mnemonic();
      case Decoded.Refusal.UNDEFINED -> UNDEFINED;
      case Decoded.Refusal.TOO_LONG -> "too long";
      case Decoded.Refusal.TRUNCATED -> "truncated";
    };
  }
}
