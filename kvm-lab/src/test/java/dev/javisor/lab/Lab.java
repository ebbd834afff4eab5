package dev.javisor.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// Its test class runs on one L1, which tests take as a parameter of type [Host].
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(HostExtension.class)
public @interface Lab {
  /// Options of `kvm-lab/serve`.
  String[] value() default {};

  /// Packages with the kernels of built-in guests, fetched before L1 boots: it has no network.
  String[] kernels() default {};
}
