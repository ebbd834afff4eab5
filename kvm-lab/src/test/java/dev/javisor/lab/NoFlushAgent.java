package dev.javisor.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.MethodModel;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/// An agent under which a disk's flush does nothing: what a power cut test must notice.
public final class NoFlushAgent {
  private static final String VICTIM = "dev/javisor/linux/backend/LinuxFile";

  private NoFlushAgent() {}

  public static void premain(String arguments, Instrumentation instrumentation) {
    instrumentation.addTransformer(new WithoutSync());
  }

  private static final class WithoutSync implements ClassFileTransformer {
    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        String name,
        @Nullable Class<?> redefined,
        @Nullable ProtectionDomain domain,
        byte[] bytes) {
      if (!VICTIM.equals(name)) {
        return null;
      }
      System.err.println("NoFlushAgent: flushes do nothing");
      ClassFile classFile = ClassFile.of();
      ClassTransform empty =
          (builder, element) -> {
            if (element instanceof MethodModel method && method.methodName().equalsString("sync")) {
              builder.withMethodBody(
                  method.methodName(),
                  method.methodType(),
                  method.flags().flagsMask(),
                  CodeBuilder::return_);
            } else {
              builder.with(element);
            }
          };
      return classFile.transformClass(classFile.parse(bytes), empty);
    }
  }

  /// Writes the agent to `jar`.
  static void writeTo(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(new Attributes.Name("Premain-Class"), NoFlushAgent.class.getName());
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      for (Class<?> type : new Class<?>[] {NoFlushAgent.class, WithoutSync.class}) {
        String entry = type.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(entry));
        try (InputStream in = NoFlushAgent.class.getResourceAsStream("/" + entry)) {
          if (in == null) {
            throw new IOException("not on the class path: " + entry);
          }
          in.transferTo(out);
        }
      }
    }
  }
}
