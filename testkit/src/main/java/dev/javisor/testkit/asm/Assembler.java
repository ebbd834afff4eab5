package dev.javisor.testkit.asm;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Bytes with labels: what both modes have in common. Each method appends one instruction, which
/// its doc comment or its name spells; jumps are near ones, so no label is ever too far.
///
/// @param <A> the mode's own class, so that calls chain
public abstract sealed class Assembler<A extends Assembler<A>>
    permits RealMode, ProtectedMode, LongMode {
  private final int origin;
  private final int jumpBytes;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Map<String, Integer> labels = new HashMap<>();
  private final List<Jump> jumps = new ArrayList<>();

  private record Jump(int at, String label) {}

  /// @param origin where the first byte will lie
  /// @param jumpBytes how wide a near jump's displacement is
  Assembler(int origin, int jumpBytes) {
    this.origin = origin;
    this.jumpBytes = jumpBytes;
  }

  abstract A self();

  /// The bytes as they are.
  public A bytes(int... values) {
    for (int value : values) {
      bytes.write(value);
    }
    return self();
  }

  /// `size` little-endian bytes of `value`.
  public A little(long value, int size) {
    for (int i = 0; i < size; i++) {
      bytes.write((int) (value >>> i * 8));
    }
    return self();
  }

  /// `name:`
  public A label(String name) {
    if (labels.put(name, bytes.size()) != null) {
      throw new IllegalArgumentException("two labels " + name);
    }
    return self();
  }

  /// Where label `name` lies, an absolute address.
  public int addressOf(String name) {
    return origin + offsetOf(name);
  }

  private int offsetOf(String name) {
    @Nullable Integer offset = labels.get(name);
    if (offset == null) {
      throw new IllegalArgumentException("no label " + name);
    }
    return offset;
  }

  /// An instruction that ends with the distance to `label`.
  final A jump(String label, int... opcode) {
    bytes(opcode);
    jumps.add(new Jump(bytes.size(), label));
    return little(0, jumpBytes);
  }

  public A jmp(String label) {
    return jump(label, 0xE9);
  }

  public A jnz(String label) {
    return jump(label, 0x0F, 0x85);
  }

  public A jz(String label) {
    return jump(label, 0x0F, 0x84);
  }

  public A nop() {
    return bytes(0x90);
  }

  public A hlt() {
    return bytes(0xF4);
  }

  public A cli() {
    return bytes(0xFA);
  }

  public A sti() {
    return bytes(0xFB);
  }

  public A cld() {
    return bytes(0xFC);
  }

  public A ud2() {
    return bytes(0x0F, 0x0B);
  }

  /// `mov al, value`
  public A movAl(int value) {
    return bytes(0xB0, value);
  }

  /// `inc al`
  public A incAl() {
    return bytes(0xFE, 0xC0);
  }

  /// `out port, al`
  public A outAl(int port) {
    return bytes(0xE6, port);
  }

  /// `in al, port`
  public A inAl(int port) {
    return bytes(0xE4, port);
  }

  /// `out dx, al`
  public A outDxAl() {
    return bytes(0xEE);
  }

  /// `in al, dx`
  public A inAlDx() {
    return bytes(0xEC);
  }

  /// `rep insb`
  public A repInsb() {
    return bytes(0xF3, 0x6C);
  }

  /// `rep outsb`
  public A repOutsb() {
    return bytes(0xF3, 0x6E);
  }

  /// The machine code, with its jumps resolved.
  public byte[] assemble() {
    byte[] code = bytes.toByteArray();
    for (Jump jump : jumps) {
      int distance = offsetOf(jump.label()) - (jump.at() + jumpBytes);
      for (int i = 0; i < jumpBytes; i++) {
        code[jump.at() + i] = (byte) (distance >> i * 8);
      }
    }
    return code;
  }

  /// Where the first byte lies.
  public int origin() {
    return origin;
  }
}
