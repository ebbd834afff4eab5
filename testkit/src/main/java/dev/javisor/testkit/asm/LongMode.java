package dev.javisor.testkit.asm;

/// 64-bit code.
public final class LongMode extends Assembler<LongMode> {
  private static final int REX = 0x40;
  private static final int REX_W = 8;
  private static final int REX_R = 4;
  private static final int OPERAND_16 = 0x66;

  public LongMode(int origin) {
    super(origin, 4);
  }

  @Override
  LongMode self() {
    return this;
  }

  /// `mov target, value`
  public LongMode mov(Register target, long value) {
    return bytes(REX | REX_W | target.high(), 0xB8 | target.low()).little(value, 8);
  }

  /// `mov target, source`
  public LongMode mov(Register target, Register source) {
    return registers(0x89, source, target);
  }

  /// `add target, source`
  public LongMode add(Register target, Register source) {
    return registers(0x01, source, target);
  }

  /// `xor target, source`
  public LongMode xor(Register target, Register source) {
    return registers(0x31, source, target);
  }

  /// `test target, source`
  public LongMode test(Register target, Register source) {
    return registers(0x85, source, target);
  }

  /// `imul target, source`
  public LongMode imul(Register target, Register source) {
    return bytes(REX | REX_W | REX_R * target.high() | source.high(), 0x0F, 0xAF)
        .bytes(0xC0 | target.low() << 3 | source.low());
  }

  /// `inc target`
  public LongMode inc(Register target) {
    return bytes(REX | REX_W | target.high(), 0xFF, 0xC0 | target.low());
  }

  /// `dec target`
  public LongMode dec(Register target) {
    return bytes(REX | REX_W | target.high(), 0xFF, 0xC8 | target.low());
  }

  private LongMode registers(int opcode, Register reg, Register rm) {
    return bytes(REX | REX_W | REX_R * reg.high() | rm.high(), opcode)
        .bytes(0xC0 | reg.low() << 3 | rm.low());
  }

  /// `mov [base + displacement], source`, the low `size` bytes (1, 2, 4, 8) of it.
  public LongMode store(int size, Register base, int displacement, Register source) {
    if (size == 2) {
      bytes(OPERAND_16);
    }
    int rex = REX | (size == 8 ? REX_W : 0) | REX_R * source.high() | base.high();
    return bytes(rex, size == 1 ? 0x88 : 0x89).memory(source, base, displacement);
  }

  /// `mov target, [base + displacement]`, zero-extended (`movzx` for 1 and 2 bytes).
  public LongMode load(int size, Register target, Register base, int displacement) {
    int rex = REX | (size == 8 ? REX_W : 0) | REX_R * target.high() | base.high();
    bytes(rex);
    switch (size) {
      case 1 -> bytes(0x0F, 0xB6);
      case 2 -> bytes(0x0F, 0xB7);
      default -> bytes(0x8B);
    }
    return memory(target, base, displacement);
  }

  private LongMode memory(Register reg, Register base, int displacement) {
    if (base.low() == Register.RSP.low()) {
      throw new IllegalArgumentException("no base " + base + ": it needs a SIB byte");
    }
    return bytes(0x80 | reg.low() << 3 | base.low()).little(displacement, 4);
  }

  /// `mov dword [base + displacement], value` by way of RAX.
  public LongMode store(Register base, int displacement, int value) {
    return mov(Register.RAX, value & 0xFFFF_FFFFL).store(4, base, displacement, Register.RAX);
  }

  /// `out dx, al / ax / eax`
  public LongMode outDx(int size) {
    return size == 1 ? outDxAl() : size == 2 ? bytes(OPERAND_16, 0xEF) : bytes(0xEF);
  }

  /// `out port, eax`
  public LongMode outEax(int port) {
    return bytes(0xE7, port);
  }

  /// `in eax, port`
  public LongMode inEax(int port) {
    return bytes(0xE5, port);
  }

  /// `iretq`
  public LongMode iretq() {
    return bytes(REX | REX_W, 0xCF);
  }

  /// `lidt [base]`
  public LongMode lidt(Register base) {
    return bytes(REX | base.high(), 0x0F, 0x01, 0x80 | 3 << 3 | base.low()).little(0, 4);
  }

  /// `pause`
  public LongMode pause() {
    return bytes(0xF3, 0x90);
  }

  /// `rdtsc`: EDX:EAX
  public LongMode rdtsc() {
    return bytes(0x0F, 0x31);
  }

  /// `wrmsr`: ECX, EDX:EAX
  public LongMode wrmsr() {
    return bytes(0x0F, 0x30);
  }

  /// `movq xmm0, rax`
  public LongMode movqXmm0Rax() {
    return bytes(0x66, REX | REX_W, 0x0F, 0x6E, 0xC0);
  }

  /// `movq rax, xmm0`
  public LongMode movqRaxXmm0() {
    return bytes(0x66, REX | REX_W, 0x0F, 0x7E, 0xC0);
  }

  /// `paddq xmm0, xmm0`
  public LongMode paddqXmm0Xmm0() {
    return bytes(0x66, 0x0F, 0xD4, 0xC0);
  }

  /// `movups [base + displacement], xmm0`: one store of 16 bytes
  public LongMode storeXmm0(Register base, int displacement) {
    return bytes(REX | base.high(), 0x0F, 0x11).bytes(0x80 | base.low()).little(displacement, 4);
  }

  /// `lea target, [rip + label]`
  public LongMode lea(Register target, String label) {
    return jump(label, REX | REX_W | REX_R * target.high(), 0x8D, 0x05 | target.low() << 3);
  }

  /// `push source`
  public LongMode push(Register source) {
    return bytes(REX | source.high(), 0x50 | source.low());
  }

  /// `push value`, sign-extended
  public LongMode push(int value) {
    return bytes(0x68).little(value, 4);
  }

  /// `pop target`
  public LongMode pop(Register target) {
    return bytes(REX | target.high(), 0x58 | target.low());
  }

  /// `pushfq`
  public LongMode pushfq() {
    return bytes(0x9C);
  }

  /// `popfq`
  public LongMode popfq() {
    return bytes(0x9D);
  }

  /// `jmp target`
  public LongMode jmp(Register target) {
    return bytes(REX | target.high(), 0xFF, 0xE0 | target.low());
  }

  /// `call target`
  public LongMode call(Register target) {
    return bytes(REX | target.high(), 0xFF, 0xD0 | target.low());
  }

  /// `ret`
  public LongMode ret() {
    return bytes(0xC3);
  }

  /// `mov cr<number>, source`
  public LongMode toControl(int number, Register source) {
    return bytes(REX | source.high(), 0x0F, 0x22, 0xC0 | number << 3 | source.low());
  }

  /// `mov target, cr<number>`
  public LongMode fromControl(int number, Register target) {
    return bytes(REX | target.high(), 0x0F, 0x20, 0xC0 | number << 3 | target.low());
  }

  /// `mov dr<number>, value` by way of RAX
  public LongMode toDebug(int number, long value) {
    return mov(Register.RAX, value).bytes(0x0F, 0x23, 0xC0 | number << 3);
  }

  /// `invlpg [base]`
  public LongMode invlpg(Register base) {
    return bytes(REX | base.high(), 0x0F, 0x01, 0x80 | 7 << 3 | base.low()).little(0, 4);
  }

  /// `wrmsr` of `value` by way of RAX, RCX and RDX
  public LongMode wrmsr(int index, long value) {
    return mov(Register.RCX, index & 0xFFFF_FFFFL)
        .mov(Register.RAX, value & 0xFFFF_FFFFL)
        .mov(Register.RDX, value >>> 32)
        .wrmsr();
  }
}
