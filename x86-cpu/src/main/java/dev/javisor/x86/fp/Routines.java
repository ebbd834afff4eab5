package dev.javisor.x86.fp;

import dev.javisor.x86.fp.FloatingPoint.Routine;
import dev.javisor.x86.fp.FloatingPoint.Target;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;

/// Every routine that some instruction has asked for, prepared once. There are as many as encodings
/// with canonical operands, some hundreds, whatever a guest executes. Any thread.
public final class Routines {
  private static final Optional<FloatingPoint> INSTALLED =
      ServiceLoader.load(FloatingPoint.class, FloatingPoint.class.getClassLoader()).findFirst();
  private static final Map<String, Routine> PREPARED = new ConcurrentHashMap<>();

  private static final byte[] FLD1 = {(byte) 0xD9, (byte) 0xE8};

  private Routines() {}

  /// Asserts that arithmetic can be done. Whoever makes a machine asks, so that no guest runs until
  /// it divides for the first time.
  ///
  /// @throws IllegalStateException if there is no implementation
  /// @throws RuntimeException whatever keeps the implementation from preparing FLD1
  public static void require() {
    if (INSTALLED.isEmpty()) {
      throw missing();
    }
    of(Target.X87, FLD1.clone());
  }

  /// The routine of an instruction as [FloatingPoint#prepare] wants it. Without an implementation
  /// it is one that fails when it runs.
  public static Routine of(Target target, byte[] code) {
    return PREPARED.computeIfAbsent(
        HexFormat.of().formatHex(code),
        _ -> INSTALLED.map(f -> f.prepare(target, code)).orElse(Routines::fail));
  }

  private static void fail(Object block) {
    throw missing();
  }

  private static IllegalStateException missing() {
    return new IllegalStateException(
        "floating point: no implementation of "
            + FloatingPoint.class.getName()
            + " — add the module x86-native to the class path");
  }
}
