package dev.javisor.testkit.asm;

/// 16-bit code; operands of 32 bits by prefix 66.
public final class RealMode extends Assembler<RealMode> {
  /// @param origin the offset of the first byte in its segment, 0..0xFFFF
  public RealMode(int origin) {
    super(origin, 2);
  }

  @Override
  RealMode self() {
    return this;
  }

  /// `mov ax, value`
  public RealMode movAx(int value) {
    return bytes(0xB8).little(value, 2);
  }

  /// `mov eax, value`
  public RealMode movEax(int value) {
    return bytes(0x66, 0xB8).little(value, 4);
  }

  /// `mov cx, value`
  public RealMode movCx(int value) {
    return bytes(0xB9).little(value, 2);
  }

  /// `mov dx, value`
  public RealMode movDx(int value) {
    return bytes(0xBA).little(value, 2);
  }

  /// `mov sp, value`
  public RealMode movSp(int value) {
    return bytes(0xBC).little(value, 2);
  }

  /// `mov si, value`
  public RealMode movSi(int value) {
    return bytes(0xBE).little(value, 2);
  }

  /// `mov di, value`
  public RealMode movDi(int value) {
    return bytes(0xBF).little(value, 2);
  }

  /// `mov ax, cs`
  public RealMode movAxCs() {
    return bytes(0x8C, 0xC8);
  }

  /// `mov al, [address]`
  public RealMode loadAl(int address) {
    return bytes(0xA0).little(address, 2);
  }

  /// `mov [address], al`
  public RealMode storeAl(int address) {
    return bytes(0xA2).little(address, 2);
  }

  /// `out dx, ax`
  public RealMode outDxAx() {
    return bytes(0xEF);
  }

  /// `out dx, eax`
  public RealMode outDxEax() {
    return bytes(0x66, 0xEF);
  }

  /// `in ax, dx`
  public RealMode inAxDx() {
    return bytes(0xED);
  }

  /// `in eax, dx`
  public RealMode inEaxDx() {
    return bytes(0x66, 0xED);
  }

  /// `rep insw`
  public RealMode repInsw() {
    return bytes(0xF3, 0x6D);
  }

  /// `rep insd`
  public RealMode repInsd() {
    return bytes(0x66, 0xF3, 0x6D);
  }

  /// `rep outsw`
  public RealMode repOutsw() {
    return bytes(0xF3, 0x6F);
  }

  /// `rep outsd`
  public RealMode repOutsd() {
    return bytes(0x66, 0xF3, 0x6F);
  }

  /// `iret`
  public RealMode iret() {
    return bytes(0xCF);
  }
}
