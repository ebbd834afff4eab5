package dev.javisor.testkit.asm;

/// 32-bit code, of protected or compatibility mode.
public final class ProtectedMode extends Assembler<ProtectedMode> {
  public ProtectedMode(int origin) {
    super(origin, 4);
  }

  @Override
  ProtectedMode self() {
    return this;
  }

  /// `mov target, value`
  public ProtectedMode mov(Register target, int value) {
    return bytes(0xB8 | target.low()).little(value, 4);
  }

  /// `mov [base + displacement], source`, 32 bits.
  public ProtectedMode store(Register base, int displacement, Register source) {
    return bytes(0x89, 0x80 | source.low() << 3 | base.low()).little(displacement, 4);
  }

  /// `mov target, [base + displacement]`, 32 bits.
  public ProtectedMode load(Register target, Register base, int displacement) {
    return bytes(0x8B, 0x80 | target.low() << 3 | base.low()).little(displacement, 4);
  }

  /// `jmp selector:offset`
  public ProtectedMode jmpFar(int selector, int offset) {
    return bytes(0xEA).little(offset, 4).little(selector, 2);
  }
}
