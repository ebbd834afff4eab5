package dev.javisor.x86.oracle;

import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The forms that the host does not run for us, each with the test that covers it instead.
final class Denied {
  private static final String PAYLOADS = "the payloads that run under KVM and here";

  private static final Map<String, String> BY_MNEMONIC = new LinkedHashMap<>();

  static {
    deny("enters the host's kernel: " + PAYLOADS, "syscall", "sysenter");
    deny("its answer is the host's: tests of CpuModel and TimeSource", "cpuid", "rdtsc", "rdtscp");
    deny("its answer is the host's: tests of the MSRs", "rdpmc");
    deny("the host's kernel answers for UMIP: " + PAYLOADS, "sgdt", "sidt", "sldt", "str", "smsw");
    deny("reads the host's descriptor tables: " + PAYLOADS, "lar", "lsl", "verr", "verw");
  }

  private Denied() {}

  private static void deny(String reason, String... mnemonics) {
    for (String mnemonic : mnemonics) {
      BY_MNEMONIC.put(mnemonic, reason);
    }
  }

  /// Why a form is not run, null if it is.
  static @Nullable String reason(Form form) {
    if (form.is(Attribute.FAR)) {
      return "leaves the code segment: " + PAYLOADS;
    } else if (form.is(Attribute.TRAP)) {
      return "goes through the IDT: " + PAYLOADS;
    } else if (form.is(Attribute.SEGMENT) && !form.is(Attribute.CPL0)) {
      return "loads a segment register of the host's thread: " + PAYLOADS;
    }
    if (form.is(Attribute.NO64) && !HostLimits.hasCompatibilityMode()) {
      return "this host has no 32-bit mode: " + PAYLOADS;
    } else if (form.mnemonic().equals("sysexit") && !HostLimits.areNone()) {
      return "this host's hypervisor answers: " + PAYLOADS;
    }
    Intels own = Intels.form(form);
    return own == null ? BY_MNEMONIC.get(form.mnemonic()) : own.toString();
  }

  /// Names that the table does not know would deny nothing.
  static Iterable<String> mnemonics() {
    return BY_MNEMONIC.keySet();
  }
}
