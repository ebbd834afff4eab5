package dev.javisor.linux.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.linux.fd.Fd;
import dev.javisor.testkit.gcc.CHeaders;
import java.lang.reflect.Field;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SyscallTest {
  private static final int EBADF = 9;

  @Test
  void aResultIsTheKernelsOwn() {
    assertEquals(ProcessHandle.current().pid(), Syscall.invoke(Syscall.GETPID, 0, 0, 0));
  }

  @Test
  void anErrorIsMinusItsErrno() {
    assertEquals(-EBADF, Syscall.invoke(Syscall.READ, -1, 0, 0));
    assertEquals(-Errno.ENOENT, Fd.tryOpen("/no/such/file", Fd.O_RDONLY));
  }

  @Test
  void eachThreadHasItsOwnErrno() throws InterruptedException {
    AtomicInteger wrong = new AtomicInteger();
    Thread badNumber = Thread.ofPlatform().start(() -> repeat(wrong, Syscall.READ, -1, -EBADF));
    Thread badCall = Thread.ofPlatform().start(() -> repeat(wrong, 100_000, 0, -Errno.ENOSYS));
    badNumber.join();
    badCall.join();
    assertEquals(0, wrong.get());
  }

  private static void repeat(AtomicInteger wrong, int call, int argument, int expected) {
    for (int i = 0; i < 20_000; i++) {
      if (Syscall.invoke(call, argument, 0, 0) != expected) {
        wrong.incrementAndGet();
      }
    }
  }

  @Test
  void aFailureTellsTheWholeStory() {
    SyscallException e =
        assertThrows(
            SyscallException.class,
            () -> Fd.open("/no/such/file", Fd.O_RDWR, "make it with truncate"));
    assertEquals("open(/no/such/file): ENOENT — make it with truncate", e.getMessage());
    assertEquals(Errno.ENOENT, e.errno());
  }

  @Test
  void numbersAreTheHeaders() throws IllegalAccessException {
    Map<String, Long> ours = new TreeMap<>();
    for (Field field : Syscall.class.getDeclaredFields()) {
      if (field.getType() == int.class) {
        ours.put("SYS_" + field.getName().toLowerCase(Locale.ROOT), (long) field.getInt(null));
      }
    }
    assertTrue(ours.size() >= 20, ours.size() + " numbers");
    assertEquals(ours, new CHeaders("sys/syscall.h").valuesOf(ours.keySet()));
  }

  @Test
  void errnosAreTheHeaders() throws IllegalAccessException {
    Map<String, Long> ours = new TreeMap<>();
    for (int errno = 1; errno < 134; errno++) {
      if (!Errno.name(errno).startsWith("errno")) {
        ours.put(Errno.name(errno), (long) errno);
      }
    }
    for (Field field : Errno.class.getDeclaredFields()) {
      if (field.getType() == int.class) {
        ours.put(field.getName(), (long) field.getInt(null));
      }
    }
    assertEquals(ours, new CHeaders("errno.h").valuesOf(ours.keySet()));
    assertEquals("errno 200", Errno.name(200));
    assertEquals("errno 0", Errno.name(0));
  }
}
