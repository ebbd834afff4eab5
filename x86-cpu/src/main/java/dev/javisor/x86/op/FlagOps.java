package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Instructions that do one small thing to flags or to the accumulator (SDM 2: CLC, STC, CMC, CLD,
/// STD, LAHF, SAHF, SALC, and BCD arithmetic).
final class FlagOps extends Op {
  private final Consumer<Cpu> effect;

  private FlagOps(Consumer<Cpu> effect) {
    this.effect = effect;
  }

  static Op of(Context c) {
    int base = (int) c.instruction().immediate() & 0xFF;
    return new FlagOps(
        switch (c.mnemonic()) {
          case "clc" -> cpu -> cpu.status(Flags.CF, 0);
          case "stc" -> cpu -> cpu.status(Flags.CF, Flags.CF);
          case "cmc" -> cpu -> cpu.status(cpu.status() ^ Flags.CF);
          case "cld" -> cpu -> cpu.flag(Flags.DF, false);
          case "std" -> cpu -> cpu.flag(Flags.DF, true);
          case "lahf" -> FlagOps::lahf;
          case "sahf" -> cpu -> cpu.status(Flags.STATUS & ~Flags.OF, (int) cpu.gpr(Cpu.RAX) >> 8);
          case "salc" -> cpu -> al(cpu, cpu.carry() ? 0xFF : 0);
          case "aaa" -> cpu -> adjustAscii(cpu, 6, 1);
          case "aas" -> cpu -> adjustAscii(cpu, -6, -1);
          case "daa" -> cpu -> adjustDecimal(cpu, false);
          case "das" -> cpu -> adjustDecimal(cpu, true);
          case "aam" -> cpu -> aam(cpu, base);
          case "aad" -> cpu -> aad(cpu, base);
          default -> throw new IllegalArgumentException(c.mnemonic());
        });
  }

  @Override
  public @Nullable Op exec(Cpu cpu) {
    effect.accept(cpu);
    return next;
  }

  private static void lahf(Cpu cpu) {
    int low = cpu.status() & (Flags.STATUS & ~Flags.OF) | 2;
    cpu.gpr(Cpu.RAX, cpu.gpr(Cpu.RAX) & ~0xFF00L | (long) low << 8);
  }

  private static void al(Cpu cpu, int value) {
    cpu.put(Cpu.RAX, value, 56);
  }

  private static void ax(Cpu cpu, int value) {
    cpu.put(Cpu.RAX, value, 48);
  }

  /// AAA and AAS.
  private static void adjustAscii(Cpu cpu, int add, int carry) {
    int ax = (int) cpu.gpr(Cpu.RAX) & 0xFFFF;
    boolean adjust = (ax & 0xF) > 9 || (cpu.status() & Flags.AF) != 0;
    int sum = adjust ? ax + add + carry * 0x100 : ax;
    ax(cpu, sum & 0xFF0F);
    cpu.status(Flags.CF | Flags.AF, adjust ? Flags.CF | Flags.AF : 0);
  }

  /// DAA and DAS.
  private static void adjustDecimal(Cpu cpu, boolean subtract) {
    int old = (int) cpu.gpr(Cpu.RAX) & 0xFF;
    boolean adjust = (old & 0xF) > 9 || (cpu.status() & Flags.AF) != 0;
    boolean carry = old > 0x99 || cpu.carry();
    int delta = (adjust ? 6 : 0) + (carry ? 0x60 : 0);
    int value = (subtract ? old - delta : old + delta) & 0xFF;
    // DAS borrows out of the low digit also when the high one is left alone.
    boolean borrowed = subtract && adjust && old < 6;
    al(cpu, value);
    cpu.flagsOfResult((byte) value, (carry || borrowed ? Flags.CF : 0) | (adjust ? Flags.AF : 0));
  }

  private static void aam(Cpu cpu, int base) {
    if (base == 0) {
      throw cpu.fault(CpuFault.DE);
    }
    int al = (int) cpu.gpr(Cpu.RAX) & 0xFF;
    ax(cpu, al / base << 8 | al % base);
    cpu.flagsOfResult((byte) (al % base), 0);
  }

  private static void aad(Cpu cpu, int base) {
    int ax = (int) cpu.gpr(Cpu.RAX) & 0xFFFF;
    int al = (ax & 0xFF) + (ax >> 8) * base & 0xFF;
    ax(cpu, al);
    cpu.flagsOfResult((byte) al, 0);
  }
}
