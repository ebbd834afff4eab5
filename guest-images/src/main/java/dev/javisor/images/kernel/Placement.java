package dev.javisor.images.kernel;

import dev.javisor.vmm.machine.MemoryMapEntry;
import dev.javisor.vmm.memory.GuestMemory;
import dev.javisor.vmm.memory.GuestRegion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Finds room in low RAM: what the memory map calls RAM, is RAM, and lies between 1 MiB and the
/// hole. Every refusal carries what was needed and what there is.
final class Placement {
  private static final long PAGE_BYTES = 4096;

  private record Run(long base, long end) {}

  private final List<Run> runs;

  Placement(GuestMemory memory, List<MemoryMapEntry> map) {
    GuestRegion low = memory.regions().getFirst();
    List<Run> found = new ArrayList<>();
    for (MemoryMapEntry entry : map) {
      long base = Math.max(LowMemory.HIGH, Math.max(low.gpa(), entry.base()));
      long end = Math.min(low.end(), entry.base() + entry.size());
      if (entry.type() == MemoryMapEntry.RAM && base < end) {
        found.add(new Run(base, end));
      }
    }
    this.runs = List.copyOf(found);
  }

  /// Checks that `bytes` at `gpa` are free for `what`.
  void require(Object what, long gpa, long bytes) throws IOException {
    for (Run run : runs) {
      if (gpa >= run.base && gpa <= run.end && bytes >= 0 && bytes <= run.end - gpa) {
        return;
      }
    }
    throw new IOException(
        "%s does not fit: it needs 0x%x to 0x%x (%,d bytes), RAM for it is %s; give the guest more"
            .formatted(what, gpa, gpa + bytes, bytes, this));
  }

  /// The highest page-aligned address at which `bytes` fit between `floor` and `ceiling`.
  long highest(Object what, long bytes, long floor, long ceiling) throws IOException {
    for (Run run : runs.reversed()) {
      long base = (Math.min(run.end, ceiling) - bytes) & -PAGE_BYTES;
      if (base >= Math.max(run.base, floor)) {
        return base;
      }
    }
    throw new IOException(
        "%s does not fit: it needs %,d bytes between 0x%x and 0x%x, RAM for it is %s;"
                .formatted(what, bytes, floor, ceiling, this)
            + " give the guest more");
  }

  @Override
  public String toString() {
    if (runs.isEmpty()) {
      return "none";
    }
    List<String> texts = new ArrayList<>();
    runs.forEach(run -> texts.add("0x%x to 0x%x".formatted(run.base, run.end)));
    return String.join(", ", texts);
  }
}
