package dev.javisor.x86.decode;

/// How ModRM and SIB spell an address (SDM 2, 2.1.5).
final class Address {
  private static final int BX = 3;
  private static final int SP = 4;
  private static final int BP = 5;
  private static final int SI = 6;
  private static final int DI = 7;
  private static final int NONE = Instruction.NONE;
  private static final int[] BASE_16 = {BX, BX, BP, BP, SI, DI, BP, BX};
  private static final int[] INDEX_16 = {SI, DI, SI, DI, NONE, NONE, NONE, NONE};

  private Address() {}

  static int base(Instruction i) {
    int mod = i.modrm() >> 6;
    int rm = i.modrm() & 7;
    if (!i.isMemory()) {
      return NONE;
    } else if (i.addressBytes() == 2) {
      return mod == 0 && rm == 6 ? NONE : BASE_16[rm];
    } else if (rm == 4) {
      return mod == 0 && (i.sib() & 7) == 5 ? NONE : (i.sib() & 7) | (i.rex() & 1) << 3;
    } else if (mod == 0 && rm == 5) {
      return i.mode().isLong() ? Instruction.RIP : NONE;
    }
    return i.rm();
  }

  static int index(Instruction i) {
    if (!i.isMemory()) {
      return NONE;
    } else if (i.addressBytes() == 2) {
      return INDEX_16[i.modrm() & 7];
    } else if (i.sib() < 0) {
      return NONE;
    }
    int index = (i.sib() >> 3 & 7) | (i.rex() & 2) << 2;
    return index == SP ? NONE : index;
  }

  /// Whether an address with this base is in SS if nothing overrides it.
  static boolean usesStack(int base) {
    return base == SP || base == BP;
  }

  /// How many bytes the displacement has.
  ///
  /// @param sib [Instruction#NONE] without
  static int displacementBytes(int modrm, int sib, int addressBytes) {
    int mod = modrm >> 6;
    int wide = addressBytes == 2 ? 2 : 4;
    return switch (mod) {
      case 0 -> hasBareDisplacement(modrm & 7, sib, addressBytes) ? wide : 0;
      case 1 -> 1;
      case 2 -> wide;
      default -> 0;
    };
  }

  private static boolean hasBareDisplacement(int rm, int sib, int addressBytes) {
    if (addressBytes == 2) {
      return rm == 6;
    }
    return rm == 5 || (rm == 4 && (sib & 7) == 5);
  }

  static boolean hasSib(int modrm, int addressBytes) {
    return modrm < 0xC0 && (modrm & 7) == 4 && addressBytes != 2;
  }
}
