package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Says what differs between two results, for people.
final class Differences {
  static final String[] REGISTERS = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
    "r14", "r15"
  };

  private static final int LINES_MAX = 24;

  private final MemorySegment cases;
  private final MemorySegment models;
  private final CaseLayout layout;
  private final List<String> found = new ArrayList<>();

  Differences(MemorySegment cases, MemorySegment models, CaseLayout layout) {
    this.cases = cases;
    this.models = models;
    this.layout = layout;
  }

  List<String> of(Encoded encoded, long host, long model, int flagsMask) {
    word("vector", host, model, CaseLayout.VECTOR, -1);
    word("error", host, model, CaseLayout.ERROR, -1);
    word("cr2", host, model, CaseLayout.CR2, -1);
    word("rip", host, model, CaseLayout.RIP, -1);
    word("flags", host, model, CaseLayout.FLAGS, ~(long) flagsMask);
    for (int i = 0; i < (encoded.isLong() ? 16 : 8); i++) {
      word(REGISTERS[i], host, model, 8 * i, encoded.isLong() ? -1 : 0xFFFF_FFFFL);
    }
    for (int i = layout.fx() ? CaseLayout.FX : layout.hot(); i < layout.bytes(); i++) {
      octet(host, model, i);
    }
    return found;
  }

  private void word(String name, long host, long model, int offset, long mask) {
    long is = models.get(JAVA_LONG, model + offset);
    long should = cases.get(JAVA_LONG, host + offset);
    if (((is ^ should) & mask) != 0) {
      found.add(name + ": " + Long.toHexString(is) + ", the host has " + Long.toHexString(should));
    }
  }

  /// Not of FXSAVE's pointers, MXCSR_MASK and what is reserved.
  private boolean counts(int offset) {
    int within = offset - CaseLayout.FX;
    return offset >= layout.hot()
        || within < FloatingPoint.POINTERS
        || (within >= FloatingPoint.MXCSR && within < FloatingPoint.MXCSR_MASK)
        || (within >= FloatingPoint.ST && within < FloatingPoint.RESERVED);
  }

  private void octet(long host, long model, int offset) {
    byte is = models.get(JAVA_BYTE, model + offset);
    byte should = cases.get(JAVA_BYTE, host + offset);
    if (is != should && found.size() < LINES_MAX && counts(offset)) {
      String place =
          offset < layout.hot()
              ? "fx+" + (offset - CaseLayout.FX)
              : "hot+" + (offset - layout.hot());
      found.add("%s: %02x, the host has %02x".formatted(place, is, should));
    }
  }
}
