package dev.javisor.images.kernel;

import dev.javisor.vmm.memory.GuestMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Puts a kernel, its initrd and its boot tables into a guest's memory.
///
/// The initrd goes to the end of low RAM, clear of all the kernel takes before it knows its memory
/// map; both it and the command line stand in the zero page, so that KASLR avoids them.
public final class KernelLoader {
  private static final int ENTRY_64 = 0x200; // boot.rst, "64-bit Boot Protocol"
  private static final int ELF_CMDLINE_BYTES_MAX = 2047; // COMMAND_LINE_SIZE of x86, less its NUL

  /// Where the initrd went; 0, 0 without one.
  record Initrd(long gpa, long bytes) {
    static final Initrd NONE = new Initrd(0, 0);
  }

  private final GuestMemory memory;
  private final BootParameters parameters;
  private final Placement placement;

  private KernelLoader(GuestMemory memory, BootParameters parameters) {
    this.memory = memory;
    this.parameters = parameters;
    this.placement = new Placement(memory, parameters.memoryMap());
  }

  /// Loads `kernel` into RAM that nothing has touched, so that it is zero where nothing is loaded.
  ///
  /// @return how vCPU 0 enters it
  /// @throws IOException if it does not fit, or its file cannot be read to its end
  public static BootEntry load(KernelImage kernel, GuestMemory memory, BootParameters parameters)
      throws IOException {
    if (memory.regions().getFirst().end() < LowMemory.HIGH) {
      throw new IOException("a guest of %,d bytes cannot boot".formatted(memory.ramBytes()));
    }
    KernelLoader loader = new KernelLoader(memory, parameters);
    // No switch over types here: linking it takes longer than the rest of the way.
    return kernel instanceof BzImage bzImage
        ? loader.load(bzImage)
        : loader.load((ElfKernel) kernel);
  }

  private BootEntry load(BzImage kernel) throws IOException {
    long base = kernel.loadGpa();
    placement.require(kernel.file(), base, kernel.initBytes());
    Initrd initrd = loadInitrd(base + kernel.initBytes(), kernel.initrdEndMax());
    writeCmdline(kernel.cmdlineBytesMax());
    read(kernel.file(), kernel.bodyOffset(), base, kernel.bodyBytes());
    new ZeroPage(memory, parameters, initrd).write(kernel.setupHeader());
    return EntryState.linux(memory, base + ENTRY_64);
  }

  private BootEntry load(ElfKernel kernel) throws IOException {
    for (ElfKernel.Segment segment : kernel.segments()) {
      placement.require(kernel.file(), segment.gpa(), segment.memoryBytes());
    }
    Initrd initrd = loadInitrd(kernel.end(), Long.MAX_VALUE);
    writeCmdline(ELF_CMDLINE_BYTES_MAX);
    for (ElfKernel.Segment segment : kernel.segments()) {
      // Behind what is in the file it is zero already.
      read(kernel.file(), segment.offset(), segment.gpa(), segment.fileBytes());
    }
    if (kernel.entry() instanceof ElfKernel.Entry.Pvh pvh) {
      new PvhStartInfo(memory, parameters, initrd).write();
      return EntryState.pvh(memory, pvh.rip());
    }
    new ZeroPage(memory, parameters, initrd).write(ZeroPage.ELF_SETUP_HEADER);
    return EntryState.linux(memory, kernel.entry().rip());
  }

  private Initrd loadInitrd(long floor, long ceiling) throws IOException {
    @Nullable BootFile file = parameters.initrd();
    if (file == null) {
      return Initrd.NONE;
    }
    long gpa = placement.highest(file, file.size(), floor, ceiling);
    read(file, 0, gpa, file.size());
    return new Initrd(gpa, file.size());
  }

  private void writeCmdline(int bytesMax) throws IOException {
    byte[] text = (parameters.cmdline() + '\0').getBytes(StandardCharsets.UTF_8);
    long room = Math.min(bytesMax + 1L, LowMemory.END - LowMemory.CMDLINE);
    if (text.length > room) {
      throw new IOException(
          "the kernel's command line has %,d bytes, it takes %,d"
              .formatted(text.length - 1, room - 1));
    }
    memory.write(LowMemory.CMDLINE, MemorySegment.ofArray(text));
  }

  private void read(BootFile file, long offset, long gpa, long bytes) throws IOException {
    file.read(offset, memory.writable(gpa, bytes));
    memory.written(gpa, bytes);
  }
}
