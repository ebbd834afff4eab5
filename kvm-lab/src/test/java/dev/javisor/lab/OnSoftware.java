package dev.javisor.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// Its test class runs right here, on the software engine; tests take that as a parameter of type
/// [Host]. A class of the [Lab] runs on it by being extended.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(HostExtension.class)
public @interface OnSoftware {
  /// Packages with the kernels of built-in guests, unless the class extends one that names them.
  String[] kernels() default {};
}
