package dev.javisor.x86.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// What a host may lack that its processor has. A kernel under a hypervisor that does without the
/// processor's help (PVM) faults for ever where it goes back to a program whose RSP is not
/// canonical (a processor does: APM 3, IRET), and has no code segment of 32 bits. There cases keep
/// to canonical stacks and 64-bit mode; the report says so. A program that tries both finds out.
final class HostLimits {
  private static final int SECONDS_MAX = 20;

  private static final String PROGRAM =
      """
      #define _GNU_SOURCE
      #include <signal.h>
      #include <stdlib.h>
      #include <ucontext.h>
      #include <unistd.h>
      static volatile int signals, no_compatibility;
      static unsigned long saved;
      extern char land[];
      static void handler(int signal, siginfo_t *info, void *context) {
        if (signals++ > 0) _exit(1 | no_compatibility);
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] = (long)land;
      }
      int main(void) {
        unsigned rights = 0, selector = 0x23;
        __asm__("lar %1, %0" : "+r"(rights) : "r"(selector) : "cc");
        if ((rights & 0x401800) != 0x401800) no_compatibility = 2; /* code, and of 32 bits */
        stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
        struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigaltstack(&stack, 0);
        sigaction(SIGILL, &action, 0);
        sigaction(SIGSEGV, &action, 0);
        __asm__ volatile("mov %%rsp, %0; mov %1, %%rsp; ud2; .globl land; land: mov %0, %%rsp"
          : "+m"(saved) : "r"(0x0180000000001000ul) : "memory");
        return no_compatibility;
      }
      """;

  private static final int NO_STACK_BUT_CANONICAL = 1;
  private static final int NO_COMPATIBILITY = 2;
  private static final int LIMITS = find();

  private HostLimits() {}

  /// Whether a case may start with `rsp`.
  static boolean takes(long rsp) {
    return takesAnyStack() || isCanonical(rsp);
  }

  static boolean areNone() {
    return LIMITS == 0;
  }

  static boolean takesAnyStack() {
    return (LIMITS & NO_STACK_BUT_CANONICAL) == 0;
  }

  static boolean hasCompatibilityMode() {
    return (LIMITS & NO_COMPATIBILITY) == 0;
  }

  private static boolean isCanonical(long address) {
    return address << 16 >> 16 == address;
  }

  private static int find() {
    try {
      Path directory = Files.createTempDirectory("host-stack");
      Path source = Files.writeString(directory.resolve("stack.c"), PROGRAM);
      Path program = directory.resolve("stack");
      if (run("gcc", "-O0", "-o", program.toString(), source.toString()) != 0) {
        throw new IllegalStateException(
            "gcc and libc6-dev are needed: apt-get install gcc libc6-dev");
      }
      int limits = run(program.toString());
      Files.delete(program);
      Files.delete(source);
      Files.delete(directory);
      if (limits < 0 || limits > (NO_STACK_BUT_CANONICAL | NO_COMPATIBILITY)) {
        throw new IllegalStateException("the program that tries this host ended with " + limits);
      }
      System.out.printf(
          "COUNTS oracle's host: %s, %s%n",
          (limits & NO_STACK_BUT_CANONICAL) == 0 ? "any RSP" : "canonical RSPs only",
          (limits & NO_COMPATIBILITY) == 0 ? "64 and 32-bit mode" : "64-bit mode only");
      return limits;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    try {
      if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return -1;
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
