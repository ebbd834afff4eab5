package dev.javisor.x86.state;

/// Where things are in a processor's state block: byte offsets, all of 8-byte slots unless said
/// otherwise. General register `n` is at `n * 8`.
public final class Slots {
  /// Reads as zero: the register of addresses that have none, and the base of long mode's segments.
  public static final int ZERO = 16 * 8;

  /// The linear address of the page that runs: decoded code is relative to it.
  public static final int PAGE = 17 * 8;

  public static final int RIP = 144;

  /// RFLAGS without the six status flags; bit 1 is always set.
  public static final int SYSTEM_FLAGS = 192;

  /// The current privilege level, 0 to 3. Real-address mode has 0, virtual-8086 mode 3.
  public static final int CPL = 216;

  /// What decoded code depends on: made and read by `dev.javisor.x86.system.ModeKey`.
  public static final int KEY = 224;

  /// Whether it runs ([#RUNNING]) or why not.
  public static final int ACTIVITY = 232;

  /// Not 0 while interrupts are held off until the next instruction has ended: 1 by MOV SS, which
  /// holds off traps too, 2 by STI.
  public static final int SHADOW = 240;

  public static final int SHADOW_OF_SS = 1;
  public static final int SHADOW_OF_STI = 2;

  /// Not 0 from an NMI's delivery to the next IRET.
  public static final int NMI_MASKED = 248;

  public static final int RUNNING = 0;
  public static final int HALTED = 1;
  public static final int SHUTDOWN = 2;
  public static final int WAITING = 3;

  /// Segment registers by their number in encodings, then LDTR and TR: base, limit, selector and
  /// attributes (as [dev.javisor.vmm.hypervisor.VcpuState.Segment] has them) of each.
  public static final int SEGMENTS = 256;

  public static final int SEGMENT_BYTES = 32;
  public static final int LIMIT_IN_SEGMENT = 8;
  public static final int SELECTOR_IN_SEGMENT = 16;
  public static final int ATTRIBUTES_IN_SEGMENT = 24;

  public static final int GDT_BASE = 512;
  public static final int GDT_LIMIT = 520;
  public static final int IDT_BASE = 528;
  public static final int IDT_LIMIT = 536;
  public static final int CR0 = 544;
  public static final int CR2 = 552;
  public static final int CR3 = 560;
  public static final int CR4 = 568;
  public static final int EFER = 576;

  /// DR0 to DR3, then DR6 and DR7.
  public static final int DR0 = 584;

  public static final int DR6 = 616;
  public static final int DR7 = 624;

  public static final int STAR = 640;
  public static final int LSTAR = 648;
  public static final int CSTAR = 656;
  public static final int FMASK = 664;
  public static final int KERNEL_GS_BASE = 672;
  public static final int SYSENTER_CS = 680;
  public static final int SYSENTER_ESP = 688;
  public static final int SYSENTER_EIP = 696;
  public static final int TSC_AUX = 704;
  public static final int PAT = 712;

  /// DR6's bits of the data breakpoints that the present instruction has met.
  public static final int DEBUG_HITS = 728;

  /// From here on slots are in native memory, where the host's instructions reach them; below they
  /// are on the Java heap.
  public static final int NATIVE = 1024;

  /// The x87, MMX and SSE registers as FXSAVE lays them out in 64-bit mode (SDM 1, 10.5.1), 512
  /// bytes.
  public static final int FX = 1024;

  public static final int MXCSR = FX + 24;
  public static final int XMM = FX + 160;

  /// From here on nothing that a guest sees: where floating-point instructions are run
  /// ([dev.javisor.x86.fp.FloatingPoint]), and operands on their way there. An x87 one finds its
  /// registers here, 512 bytes.
  public static final int FP_IMAGE = 1536;

  /// An SSE instruction's target, 16 bytes.
  public static final int FP_TARGET = 2048;

  /// A memory operand, 16 bytes.
  public static final int FP_SOURCE = 2064;

  /// An SSE instruction's MXCSR.
  public static final int FP_MXCSR = 2080;

  /// An x87 instruction's status flags.
  public static final int FP_FLAGS = 2088;

  public static final int BYTES = 2112;

  private Slots() {}

  /// Which of the heap's words a slot below [#NATIVE] is.
  public static int word(int slot) {
    return slot >> 3;
  }

  /// Where segment register `segment`'s slots begin.
  public static int segment(int segment) {
    return SEGMENTS + segment * SEGMENT_BYTES;
  }
}
