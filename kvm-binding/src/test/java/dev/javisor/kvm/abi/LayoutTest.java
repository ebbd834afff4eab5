package dev.javisor.kvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.gcc.CHeaders;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every layout, request number and constant of this package against the installed headers.
class LayoutTest {
  /// What is here today; a class that the search below does not find would be a test that vanished.
  private static final int STRUCTS_MIN = 32;

  private static final int CONSTANTS_MIN = 84;

  private static final CHeaders HEADERS =
      new CHeaders("linux/types.h", "sys/ioctl.h", "linux/kvm.h");

  @Test
  void layoutsHaveTheCompilersSizesAndOffsets() throws Exception {
    Map<String, Long> ours = new TreeMap<>();
    int structs = 0;
    for (Field field : constants()) {
      if (field.getType() == StructLayout.class) {
        describe((StructLayout) field.get(null), ours);
        structs++;
      }
    }
    compare(ours, structs + " structures");
    assertTrue(structs >= STRUCTS_MIN, structs + " structures found");
  }

  private static void describe(StructLayout layout, Map<String, Long> into) {
    String struct = "struct " + layout.name().orElseThrow();
    into.put("sizeof(" + struct + ")", layout.byteSize());
    describeMembers(layout, layout, List.of(), struct, "", into);
  }

  private static void describeMembers(
      StructLayout whole,
      StructLayout part,
      List<PathElement> path,
      String struct,
      String prefix,
      Map<String, Long> into) {
    for (MemoryLayout member : part.memberLayouts()) {
      if (member.name().isEmpty()) {
        continue; // padding
      }
      List<PathElement> to = new ArrayList<>(path);
      to.add(PathElement.groupElement(member.name().get()));
      String name = prefix + member.name().get();
      long offset = whole.byteOffset(to.toArray(PathElement[]::new));
      into.put("offsetof(" + struct + ", " + name + ")", offset);
      into.put("sizeof(((" + struct + " *)0)->" + name + ")", member.byteSize());
      if (member instanceof StructLayout nested) {
        describeMembers(whole, nested, to, struct, name + ".", into);
      }
    }
  }

  @Test
  void runPageHasTheCompilersOffsets() {
    Map<String, Long> ours = new TreeMap<>();
    RunPage.OFFSETS.forEach(
        (name, offset) -> ours.put("offsetof(struct kvm_run, " + name + ")", (long) offset));
    compare(ours, "kvm_run");
  }

  @Test
  void constantsAreTheHeaders() throws Exception {
    Map<String, Long> ours = new TreeMap<>();
    for (Field field : constants()) {
      if (field.getName().startsWith("KVM_") && field.getType() != StructLayout.class) {
        ours.put(field.getName(), ((Number) field.get(null)).longValue());
      }
    }
    compare(ours, ours.size() + " constants");
    assertTrue(ours.size() >= CONSTANTS_MIN, ours.size() + " constants found");
  }

  private static void compare(Map<String, Long> ours, String what) {
    Map<String, Long> theirs = HEADERS.valuesOf(ours.keySet());
    List<String> newer = ours.keySet().stream().filter(e -> !theirs.containsKey(e)).toList();
    System.out.printf(
        "LayoutTest: %s, %d facts compared, newer than these headers: %s%n",
        what, theirs.size(), newer.isEmpty() ? "none" : newer);
    List<String> wrong = new ArrayList<>();
    theirs.forEach(
        (expression, value) -> {
          if (!value.equals(ours.get(expression))) {
            wrong.add("%s: gcc %d, here %d".formatted(expression, value, ours.get(expression)));
          }
        });
    assertEquals(List.of(), wrong);
  }

  /// The static fields of every class in this package.
  private static List<Field> constants()
      throws ClassNotFoundException, IOException, URISyntaxException {
    List<Field> found = new ArrayList<>();
    for (Class<?> type : mainClasses()) {
      for (Field field : type.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers())) {
          field.setAccessible(true);
          found.add(field);
        }
      }
    }
    return found;
  }

  private static List<Class<?>> mainClasses()
      throws ClassNotFoundException, IOException, URISyntaxException {
    Path home =
        Path.of(RunPage.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .resolve("dev/javisor/kvm/abi");
    List<Class<?>> classes = new ArrayList<>();
    try (Stream<Path> files = Files.list(home)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = file.getFileName().toString();
        if (name.endsWith(".class") && !name.equals("package-info.class")) {
          classes.add(Class.forName("dev.javisor.kvm.abi." + name.substring(0, name.length() - 6)));
        }
      }
    }
    return classes;
  }
}
