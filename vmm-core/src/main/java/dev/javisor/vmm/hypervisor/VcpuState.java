package dev.javisor.vmm.hypervisor;

import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// The architectural state of one vCPU between two instructions (SDM 3A, ch. 2, 3, 9, 11), as both
/// engines understand it. TLBs and decoded code are never part of it.
///
/// @param registers the sixteen general registers, RIP and RFLAGS
/// @param system segments, descriptor tables, control registers, EFER, APIC base
/// @param xsave the XSAVE area in standard format (SDM 1, 13.4), at least 576 bytes
/// @param xcr0 which of its parts are live
/// @param debug DR0..DR3, DR6, DR7
/// @param msrs model-specific registers by index
/// @param tscKhz how fast its TSC counts; 0 where the engine does not know
/// @param apic the local APIC's register page, 1024 bytes at 16-byte steps (SDM 3A, table 11-1)
/// @param events what is pending between instructions
/// @param runState whether it runs, halts or waits to be started
public record VcpuState(
    Registers registers,
    SystemRegisters system,
    byte[] xsave,
    long xcr0,
    DebugRegisters debug,
    SortedMap<Integer, Long> msrs,
    int tscKhz,
    byte[] apic,
    Events events,
    RunState runState) {

  static final int VERSION = 1;
  private static final int XSAVE_BYTES_MAX = 64 << 10;
  private static final int MSRS_MAX = 4096;

  public VcpuState {
    msrs = Collections.unmodifiableSortedMap(new TreeMap<>(msrs));
  }

  /// `KVM_MP_STATE_*` in the field's words.
  public enum RunState {
    RUNNABLE,
    /// An application processor before INIT.
    UNINITIALIZED,
    INIT_RECEIVED,
    HALTED,
    SIPI_RECEIVED
  }

  public record Registers(
      long rax,
      long rbx,
      long rcx,
      long rdx,
      long rsi,
      long rdi,
      long rsp,
      long rbp,
      long r8,
      long r9,
      long r10,
      long r11,
      long r12,
      long r13,
      long r14,
      long r15,
      long rip,
      long rflags) {

    /// Everything zero but the instruction pointer, the zero-page pointer and RFLAGS' fixed bit.
    public static Registers at(long rip) {
      return new Registers(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, rip, 2);
    }

    public Registers withRsi(long value) {
      return new Registers(
          rax, rbx, rcx, rdx, value, rdi, rsp, rbp, r8, r9, r10, r11, r12, r13, r14, r15, rip,
          rflags);
    }

    public Registers withRbx(long value) {
      return new Registers(
          rax, value, rcx, rdx, rsi, rdi, rsp, rbp, r8, r9, r10, r11, r12, r13, r14, r15, rip,
          rflags);
    }

    public Registers withRsp(long value) {
      return new Registers(
          rax, rbx, rcx, rdx, rsi, rdi, value, rbp, r8, r9, r10, r11, r12, r13, r14, r15, rip,
          rflags);
    }

    void save(StateWriter out) {
      for (long value :
          new long[] {
            rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp, r8, r9, r10, r11, r12, r13, r14, r15, rip,
            rflags
          }) {
        out.putLong(value);
      }
    }

    static Registers load(StateReader in) {
      return new Registers(
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong());
    }
  }

  /// One segment register with its hidden part. `attributes` are bits 8..15 and 20..23 of the
  /// descriptor's second word shifted down by 8, as VMX keeps them (SDM 3C, table 24-2): type 0..3,
  /// S 4, DPL 5..6, P 7, AVL 12, L 13, D/B 14, G 15; bit 16 says unusable.
  public record Segment(long base, int limit, int selector, int attributes) {
    public static final int CODE_64 = 0xA09B;
    public static final int CODE_32 = 0xC09B;
    public static final int DATA_32 = 0xC093;
    public static final int CODE_16 = 0x009B;
    public static final int DATA_16 = 0x0093;
    public static final int TSS_BUSY = 0x008B;
    public static final int UNUSABLE = 1 << 16;

    /// A segment of the flat model: base 0, limit 4 GiB.
    public static Segment flat(int selector, int attributes) {
      return new Segment(0, -1, selector, attributes);
    }

    /// A real-mode segment: base is 16 times the selector, limit 64 KiB.
    public static Segment real(int selector, int attributes) {
      return new Segment((long) selector << 4, 0xFFFF, selector, attributes);
    }

    void save(StateWriter out) {
      out.putLong(base);
      out.putInt(limit);
      out.putInt(selector);
      out.putInt(attributes);
    }

    static Segment load(StateReader in) {
      return new Segment(in.getLong(), in.getInt(), in.getInt(), in.getInt());
    }
  }

  /// GDTR or IDTR.
  public record DescriptorTable(long base, int limit) {
    void save(StateWriter out) {
      out.putLong(base);
      out.putInt(limit);
    }

    static DescriptorTable load(StateReader in) {
      return new DescriptorTable(in.getLong(), in.getInt());
    }
  }

  public record SystemRegisters(
      Segment cs,
      Segment ds,
      Segment es,
      Segment fs,
      Segment gs,
      Segment ss,
      Segment tr,
      Segment ldt,
      DescriptorTable gdt,
      DescriptorTable idt,
      long cr0,
      long cr2,
      long cr3,
      long cr4,
      long cr8,
      long efer,
      long apicBase) {

    void save(StateWriter out) {
      for (Segment segment : new Segment[] {cs, ds, es, fs, gs, ss, tr, ldt}) {
        segment.save(out);
      }
      gdt.save(out);
      idt.save(out);
      for (long value : new long[] {cr0, cr2, cr3, cr4, cr8, efer, apicBase}) {
        out.putLong(value);
      }
    }

    static SystemRegisters load(StateReader in) {
      return new SystemRegisters(
          Segment.load(in),
          Segment.load(in),
          Segment.load(in),
          Segment.load(in),
          Segment.load(in),
          Segment.load(in),
          Segment.load(in),
          Segment.load(in),
          DescriptorTable.load(in),
          DescriptorTable.load(in),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong());
    }
  }

  public record DebugRegisters(long dr0, long dr1, long dr2, long dr3, long dr6, long dr7) {
    /// After reset (SDM 3B, 17.2).
    public static final DebugRegisters RESET = new DebugRegisters(0, 0, 0, 0, 0xFFFF_0FF0L, 0x400);

    void save(StateWriter out) {
      for (long value : new long[] {dr0, dr1, dr2, dr3, dr6, dr7}) {
        out.putLong(value);
      }
    }

    static DebugRegisters load(StateReader in) {
      return new DebugRegisters(
          in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }
  }

  /// What waits between two instructions. Vectors are -1 when none.
  ///
  /// @param exceptionVector an exception to be delivered, with its error code if it has one
  /// @param exceptionPayload CR2 or DR6 not yet in place, valid if `exceptionHasPayload`
  /// @param exceptionInjected delivery had begun when the vCPU stopped
  /// @param interruptVector an interrupt whose delivery had begun; `interruptSoft` if by INT n
  /// @param interruptShadow the STI or MOV SS shadow: bit 0 MOV SS, bit 1 STI
  /// @param externalVector a vector acknowledged at the PIC and not yet delivered
  public record Events(
      int exceptionVector,
      boolean exceptionInjected,
      boolean exceptionHasErrorCode,
      int exceptionErrorCode,
      boolean exceptionHasPayload,
      long exceptionPayload,
      int interruptVector,
      boolean interruptSoft,
      int interruptShadow,
      boolean nmiInjected,
      int nmiPending,
      boolean nmiMasked,
      int sipiVector,
      int externalVector) {

    public static final Events NONE =
        new Events(-1, false, false, 0, false, 0, -1, false, 0, false, 0, false, 0, -1);

    void save(StateWriter out) {
      out.putInt(exceptionVector);
      out.putBoolean(exceptionInjected);
      out.putBoolean(exceptionHasErrorCode);
      out.putInt(exceptionErrorCode);
      out.putBoolean(exceptionHasPayload);
      out.putLong(exceptionPayload);
      out.putInt(interruptVector);
      out.putBoolean(interruptSoft);
      out.putInt(interruptShadow);
      out.putBoolean(nmiInjected);
      out.putInt(nmiPending);
      out.putBoolean(nmiMasked);
      out.putInt(sipiVector);
      out.putInt(externalVector);
    }

    static Events load(StateReader in) {
      return new Events(
          in.getInt(),
          in.getBoolean(),
          in.getBoolean(),
          in.getInt(),
          in.getBoolean(),
          in.getLong(),
          in.getInt(),
          in.getBoolean(),
          in.getInt(),
          in.getBoolean(),
          in.getInt(),
          in.getBoolean(),
          in.getInt(),
          in.getInt());
    }
  }

  /// The same, about to run `system` at `registers`: how a boot protocol hands over.
  public VcpuState entering(Registers newRegisters, SystemRegisters newSystem) {
    return new VcpuState(
        newRegisters,
        newSystem,
        xsave,
        xcr0,
        DebugRegisters.RESET,
        msrs,
        tscKhz,
        apic,
        Events.NONE,
        RunState.RUNNABLE);
  }

  /// Writes one record of type `vcpu`.
  public void save(StateWriter out, int index) {
    out.record("vcpu", index, VERSION, this::saveFields);
  }

  private void saveFields(StateWriter out) {
    registers.save(out);
    system.save(out);
    out.putBytes(xsave);
    out.putLong(xcr0);
    debug.save(out);
    out.putInt(msrs.size());
    msrs.forEach(
        (index, value) -> {
          out.putInt(index);
          out.putLong(value);
        });
    out.putInt(tscKhz);
    out.putBytes(apic);
    events.save(out);
    out.putInt(runState.ordinal());
  }

  /// Reads what [#save] wrote for vCPU `index`.
  public static VcpuState load(StateReader in, int index) {
    StateReader fields = in.record("vcpu", index, VERSION);
    return new VcpuState(
        Registers.load(fields),
        SystemRegisters.load(fields),
        fields.getBytes(XSAVE_BYTES_MAX),
        fields.getLong(),
        DebugRegisters.load(fields),
        loadMsrs(fields),
        fields.getInt(),
        fields.getBytes(4096),
        Events.load(fields),
        fields.getEnum(RunState.values()));
  }

  private static SortedMap<Integer, Long> loadMsrs(StateReader in) {
    SortedMap<Integer, Long> msrs = new TreeMap<>();
    for (int left = in.getCount(MSRS_MAX); left > 0; left--) {
      msrs.put(in.getInt(), in.getLong());
    }
    return msrs;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VcpuState that
        && registers.equals(that.registers)
        && system.equals(that.system)
        && Arrays.equals(xsave, that.xsave)
        && xcr0 == that.xcr0
        && debug.equals(that.debug)
        && msrs.equals(that.msrs)
        && tscKhz == that.tscKhz
        && Arrays.equals(apic, that.apic)
        && events.equals(that.events)
        && runState == that.runState;
  }

  @Override
  public int hashCode() {
    return registers.hashCode() * 31 + system.hashCode();
  }
}
