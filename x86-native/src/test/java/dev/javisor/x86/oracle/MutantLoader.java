package dev.javisor.x86.oracle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Loads everything of the processor once more, with one instruction of the interpreter changed.
final class MutantLoader extends ClassLoader {
  private static final String OURS = "dev.javisor.x86.";

  /// One operation for another of the same operands: a flag, a width or a sign goes wrong.
  private static final Map<Opcode, Opcode> CHANGES =
      Map.ofEntries(
          Map.entry(Opcode.LADD, Opcode.LSUB),
          Map.entry(Opcode.LSUB, Opcode.LADD),
          Map.entry(Opcode.LAND, Opcode.LOR),
          Map.entry(Opcode.LOR, Opcode.LAND),
          Map.entry(Opcode.LXOR, Opcode.LAND),
          Map.entry(Opcode.IAND, Opcode.IOR),
          Map.entry(Opcode.LSHL, Opcode.LUSHR),
          Map.entry(Opcode.LSHR, Opcode.LUSHR),
          Map.entry(Opcode.LUSHR, Opcode.LSHL),
          Map.entry(Opcode.IFEQ, Opcode.IFNE),
          Map.entry(Opcode.IFNE, Opcode.IFEQ),
          Map.entry(Opcode.IFLT, Opcode.IFLE),
          Map.entry(Opcode.IFGE, Opcode.IFGT),
          Map.entry(Opcode.IFGT, Opcode.IFGE),
          Map.entry(Opcode.IFLE, Opcode.IFLT));

  /// An instruction that can be changed.
  ///
  /// @param type the class, without `dev.javisor.x86.`
  /// @param number which of the changeable ones of the methods of that name
  record Site(String type, String method, int number, Opcode opcode) {
    @Override
    public String toString() {
      return type + " " + method + " " + number + " " + opcode;
    }
  }

  private final Site site;

  MutantLoader(Site site) {
    super(MutantLoader.class.getClassLoader());
    this.site = site;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      if (!name.startsWith(OURS)) {
        return super.loadClass(name, resolve);
      }
      Class<?> known = findLoadedClass(name);
      return known != null ? known : define(name);
    }
  }

  private Class<?> define(String name) {
    byte[] bytes = bytes(name);
    byte[] changed = name.equals(OURS + site.type()) ? change(bytes) : bytes;
    return defineClass(name, changed, 0, changed.length);
  }

  private static byte[] bytes(String name) {
    String file = name.replace('.', '/') + ".class";
    try (InputStream in = MutantLoader.class.getClassLoader().getResourceAsStream(file)) {
      return Objects.requireNonNull(in, file).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  /// All sites of a class, in order.
  static List<Site> sites(String type) {
    ClassModel model = ClassFile.of().parse(bytes(OURS + type));
    List<Site> sites = new ArrayList<>();
    for (MethodModel method : model.methods()) {
      String name = method.methodName().stringValue();
      int number = (int) sites.stream().filter(s -> s.method().equals(name)).count();
      for (CodeElement element : method.code().map(code -> code.elementList()).orElse(List.of())) {
        if (element instanceof Instruction i && CHANGES.containsKey(i.opcode())) {
          sites.add(new Site(type, name, number++, i.opcode()));
        }
      }
    }
    return sites;
  }

  private byte[] change(byte[] bytes) {
    ClassFile file = ClassFile.of();
    int[] seen = {0};
    return file.transformClass(
        file.parse(bytes),
        ClassTransform.transformingMethodBodies(
            method -> method.methodName().equalsString(site.method()),
            (builder, element) -> {
              boolean counts = element instanceof Instruction i && CHANGES.containsKey(i.opcode());
              if (counts && seen[0]++ == site.number()) {
                builder.with(changed((Instruction) element));
              } else {
                builder.with(element);
              }
            }));
  }

  private CodeElement changed(Instruction instruction) {
    Opcode to = Objects.requireNonNull(CHANGES.get(instruction.opcode()));
    if (instruction.opcode() != site.opcode()) {
      throw new IllegalStateException(site + " has changed: choose another site");
    }
    return instruction instanceof BranchInstruction branch
        ? BranchInstruction.of(to, branch.target())
        : OperatorInstruction.of(to);
  }
}
