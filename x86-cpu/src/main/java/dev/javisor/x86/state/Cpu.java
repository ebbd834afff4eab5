package dev.javisor.x86.state;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// One processor's registers, flags and memory as instructions use them. Methods are small so that
/// they are compiled early and inlined everywhere. One thread, but for [#kick] and what comes by
/// the [#mailbox].
public final class Cpu {
  public static final int RAX = 0;
  public static final int RCX = 1;
  public static final int RDX = 2;
  public static final int RBX = 3;
  public static final int RSP = 4;
  public static final int RBP = 5;
  public static final int RSI = 6;
  public static final int RDI = 7;

  public static final long PAGE_MASK = -4096L;

  /// MAXPHYADDR: how many bits a physical address has (SDM 3A, 5.1.4).
  public static final int PHYSICAL_BITS = 40;

  private static final ValueLayout.OfLong SLOT = ValueLayout.JAVA_LONG;
  static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final VarHandle LIMIT = limitHandle();

  private final long[] words = new long[Slots.word(Slots.NATIVE)];

  /// How to find the status flags ([Flags]), and from what.
  private int ccKind;

  private long ccA;
  private long ccB;
  private long ccResult;
  private long ccCarry;

  /// How many instructions are left until the limit.
  private int budget;

  /// 0, or above any budget when another thread wants attention.
  private int limit;

  private final MemorySegment block;
  private final MemorySegment ram;
  private final Tlb tlb;
  private final SlowMemory slow;
  private final Platform platform;
  private final CpuFault fault = new CpuFault();
  private final Mailbox mailbox = new Mailbox(this);
  private Witness witness = Witness.NOBODY;
  private Processors processors = new Processors();
  private int number;
  private int mxcsrMask = 0xFFFF;

  /// @param ram guest-physical memory, the address being the offset
  /// @param slow what the TLB does not do
  /// @param platform what is around it
  public Cpu(MemorySegment ram, SlowMemory slow, Platform platform) {
    this.block = Arena.ofAuto().allocate(Slots.BYTES, 64);
    this.ram = ram;
    this.tlb = new Tlb();
    this.slow = slow;
    this.platform = platform;
    set(Slots.SYSTEM_FLAGS, 2);
  }

  /// The bits of MXCSR that exist; FXSAVE's MXCSR_MASK (SDM 1, 11.6.6).
  public int mxcsrMask() {
    return mxcsrMask;
  }

  /// A processor that guests see has the 16 of Intel's.
  public void mxcsrMask(int mask) {
    mxcsrMask = mask;
  }

  private static VarHandle limitHandle() {
    try {
      return MethodHandles.lookup().findVarHandle(Cpu.class, "limit", int.class);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  // ---------------------------------------------------------------- slots and registers

  /// The slot at byte offset `slot` of the state.
  public long get(int slot) {
    return slot < Slots.NATIVE ? words[Slots.word(slot)] : block.get(SLOT, slot);
  }

  public void set(int slot, long value) {
    if (slot < Slots.NATIVE) {
      words[Slots.word(slot)] = value;
    } else {
      block.set(SLOT, slot, value);
    }
  }

  /// The native part of the state, from [Slots#NATIVE] on: for those that move much of it, and for
  /// code that the host runs.
  public MemorySegment block() {
    return block;
  }

  public MemorySegment ram() {
    return ram;
  }

  public Tlb tlb() {
    return tlb;
  }

  public SlowMemory slow() {
    return slow;
  }

  public Platform platform() {
    return platform;
  }

  /// Who is told of what is rare.
  public Witness witness() {
    return witness;
  }

  /// Before it runs.
  public void witness(Witness newWitness) {
    witness = newWitness;
  }

  public Mailbox mailbox() {
    return mailbox;
  }

  /// Those it shares memory with; until it has joined some, nobody.
  public Processors processors() {
    return processors;
  }

  /// How many had joined before it.
  public int number() {
    return number;
  }

  void join(Processors others, int newNumber) {
    processors = others;
    number = newNumber;
  }

  /// General register `register`, all of it.
  public long gpr(int register) {
    return words[register];
  }

  public void gpr(int register, long value) {
    words[register] = value;
  }

  /// General register `number`, or what else is on the heap by its [Slots#word].
  public long word(int number) {
    return words[number];
  }

  /// A word's low `64 - shift` bits, sign-extended.
  public long signed(int number, int shift) {
    return words[number] << shift >> shift;
  }

  /// Writes a register of 1, 2, 4 or 8 bytes as hardware does: 4 bytes clear the upper half, 1 and
  /// 2 leave the rest.
  ///
  /// @param shift 64 less the register's bits
  public void put(int number, long value, int shift) {
    long mask = -1L >>> shift;
    long kept = shift > 32 ? words[number] & ~mask : 0;
    words[number] = kept | (value & mask);
  }

  /// The first slot of segment register `segment`.
  public long segmentBase(int segment) {
    return get(Slots.segment(segment));
  }

  public int selector(int segment) {
    return (int) get(Slots.segment(segment) + Slots.SELECTOR_IN_SEGMENT);
  }

  public int segmentAttributes(int segment) {
    return (int) get(Slots.segment(segment) + Slots.ATTRIBUTES_IN_SEGMENT);
  }

  public long segmentLimit(int segment) {
    return get(Slots.segment(segment) + Slots.LIMIT_IN_SEGMENT) & 0xFFFF_FFFFL;
  }

  public int cpl() {
    return (int) get(Slots.CPL);
  }

  /// Also what memory it sees, until `ModeKey` looks at the flags too.
  public void cpl(int level) {
    set(Slots.CPL, level);
    tlb.use(level == 3 ? Tlb.USER : Tlb.SUPERVISOR);
  }

  /// CR0.PE and not virtual-8086 mode.
  public boolean isProtected() {
    return (get(Slots.CR0) & 1) != 0 && !flag(Flags.VM);
  }

  /// IA-32e mode: 64-bit or compatibility.
  public boolean isLongActive() {
    return (get(Slots.EFER) & 1 << 10) != 0;
  }

  // ---------------------------------------------------------------- flags

  /// The result of an addition, all sign-extended.
  public void flagsOfAdd(long a, long b, long result) {
    flags(Flags.ADD, a, b, result);
  }

  /// Also of a comparison.
  public void flagsOfSub(long a, long b, long result) {
    flags(Flags.SUB, a, b, result);
  }

  /// Of a subtraction with borrow.
  public void flagsOfSbb(long a, long b, long result) {
    flags(Flags.SBB, a, b, result);
  }

  /// SF, ZF and PF of `result`, the others as in `others`.
  public void flagsOfResult(long result, int others) {
    ccKind = Flags.RESULT;
    ccA = others;
    ccResult = result;
  }

  public void flagsOfInc(long a, long result) {
    long carry = carry() ? Flags.CF : 0;
    flags(Flags.INC, a, 1, result);
    ccCarry = carry;
  }

  public void flagsOfDec(long a, long result) {
    long carry = carry() ? Flags.CF : 0;
    flags(Flags.DEC, a, 1, result);
    ccCarry = carry;
  }

  private void flags(int kind, long a, long b, long result) {
    ccKind = kind;
    ccA = a;
    ccB = b;
    ccResult = result;
  }

  /// The six status flags where RFLAGS has them.
  public int status() {
    return Flags.status(ccKind, ccA, ccB, ccResult, ccCarry);
  }

  /// Sets the six status flags; other bits of `flags` do not matter.
  public void status(int flags) {
    ccKind = Flags.EXPLICIT;
    ccA = flags & Flags.STATUS;
  }

  /// Sets CF and OF as they are in `flags`, in which there is no other; the rest stays.
  public void carryAndOverflow(int flags) {
    if (ccKind > Flags.RESULT) {
      flagsOfResult(ccResult, (int) (ccA ^ ccB ^ ccResult) & Flags.AF);
    }
    ccA = ccA & ~(Flags.CF | Flags.OF) | flags;
  }

  /// Changes those of the status flags that are in `which` to what they are in `flags`.
  public void status(int which, int flags) {
    status((status() & ~which) | (flags & which));
  }

  public boolean carry() {
    return switch (ccKind) {
      case Flags.ADD -> Flags.addCarries(ccA, ccB, ccResult) < 0;
      case Flags.SUB, Flags.SBB -> Flags.subBorrows(ccA, ccB, ccResult) < 0;
      case Flags.INC, Flags.DEC -> ccCarry != 0;
      default -> (ccA & Flags.CF) != 0;
    };
  }

  /// ZF.
  public boolean isZero() {
    return ccKind == Flags.EXPLICIT ? (ccA & Flags.ZF) != 0 : ccResult == 0;
  }

  /// Whether condition `code` holds: the last four bits of Jcc, SETcc and CMOVcc (SDM 2, B.1.4.7).
  public boolean holds(int code) {
    boolean positive;
    if (code >> 1 == 2 && ccKind != Flags.EXPLICIT) {
      positive = ccResult == 0;
    } else if (code >> 1 == 4 && ccKind != Flags.EXPLICIT) {
      positive = ccResult < 0;
    } else if (ccKind == Flags.SUB) {
      return holdsOfSub(code);
    } else {
      return Flags.holds(code, status());
    }
    return positive == ((code & 1) == 0);
  }

  private boolean holdsOfSub(int code) {
    boolean positive =
        switch (code >> 1) {
          case 1 -> Long.compareUnsigned(ccA, ccB) < 0;
          case 3 -> Long.compareUnsigned(ccA, ccB) <= 0;
          case 6 -> ccA < ccB;
          case 7 -> ccA <= ccB;
          default -> Flags.holds(code & ~1, status());
        };
    return positive == ((code & 1) == 0);
  }

  /// RFLAGS, RF and VM included.
  public long rflags() {
    return get(Slots.SYSTEM_FLAGS) | status();
  }

  /// Sets all of RFLAGS that exists.
  public void rflags(long value) {
    status((int) value);
    set(Slots.SYSTEM_FLAGS, (value & 0x003F_7702L & ~Flags.STATUS) | 2);
  }

  public boolean flag(int systemFlag) {
    return (get(Slots.SYSTEM_FLAGS) & systemFlag) != 0;
  }

  public void flag(int systemFlag, boolean on) {
    long old = get(Slots.SYSTEM_FLAGS);
    set(Slots.SYSTEM_FLAGS, on ? old | systemFlag : old & ~(long) systemFlag);
  }

  // ---------------------------------------------------------------- memory

  /// The byte at linear address `address`, zero-extended; the same holds for wider ones.
  public long load8(long address) {
    int entry = tlb.entry(address);
    if (tlb.readTag(entry) == (address & PAGE_MASK)) {
      long value = ram.get(ValueLayout.JAVA_BYTE, address + tlb.addend(entry)) & 0xFF;
      VarHandle.acquireFence();
      return value;
    }
    return slow.load(this, address, 1);
  }

  public long load16(long address) {
    int entry = tlb.entry(address);
    if (tlb.readTag(entry) == (address + 1 & PAGE_MASK)) {
      long value = ram.get(U16, address + tlb.addend(entry)) & 0xFFFF;
      VarHandle.acquireFence();
      return value;
    }
    return slow.load(this, address, 2);
  }

  public long load32(long address) {
    int entry = tlb.entry(address);
    if (tlb.readTag(entry) == (address + 3 & PAGE_MASK)) {
      long value = ram.get(U32, address + tlb.addend(entry)) & 0xFFFF_FFFFL;
      VarHandle.acquireFence();
      return value;
    }
    return slow.load(this, address, 4);
  }

  public long load64(long address) {
    int entry = tlb.entry(address);
    if (tlb.readTag(entry) == (address + 7 & PAGE_MASK)) {
      long value = ram.get(U64, address + tlb.addend(entry));
      VarHandle.acquireFence();
      return value;
    }
    return slow.load(this, address, 8);
  }

  public void store8(long address, long value) {
    int entry = tlb.entry(address);
    if (tlb.writeTag(entry) == (address & PAGE_MASK)) {
      VarHandle.releaseFence();
      ram.set(ValueLayout.JAVA_BYTE, address + tlb.addend(entry), (byte) value);
    } else {
      slow.store(this, address, 1, value & 0xFF);
    }
  }

  public void store16(long address, long value) {
    int entry = tlb.entry(address);
    if (tlb.writeTag(entry) == (address + 1 & PAGE_MASK)) {
      VarHandle.releaseFence();
      ram.set(U16, address + tlb.addend(entry), (short) value);
    } else {
      slow.store(this, address, 2, value & 0xFFFF);
    }
  }

  public void store32(long address, long value) {
    int entry = tlb.entry(address);
    if (tlb.writeTag(entry) == (address + 3 & PAGE_MASK)) {
      VarHandle.releaseFence();
      ram.set(U32, address + tlb.addend(entry), (int) value);
    } else {
      slow.store(this, address, 4, value & 0xFFFF_FFFFL);
    }
  }

  public void store64(long address, long value) {
    int entry = tlb.entry(address);
    if (tlb.writeTag(entry) == (address + 7 & PAGE_MASK)) {
      VarHandle.releaseFence();
      ram.set(U64, address + tlb.addend(entry), value);
    } else {
      slow.store(this, address, 8, value);
    }
  }

  /// Loads 1, 2, 4 or 8 bytes, zero-extended.
  public long load(long address, int size) {
    return switch (size) {
      case 1 -> load8(address);
      case 2 -> load16(address);
      case 4 -> load32(address);
      default -> load64(address);
    };
  }

  public void store(long address, int size, long value) {
    switch (size) {
      case 1 -> store8(address, value);
      case 2 -> store16(address, value);
      case 4 -> store32(address, value);
      default -> store64(address, value);
    }
  }

  /// Faults if `size` bytes at `address` may not be written: what reads, changes and writes memory
  /// asks for both rights first.
  public void probeStore(long address, int size) {
    if (tlb.writeTag(tlb.entry(address)) != (address + size - 1 & PAGE_MASK)) {
      slow.probeStore(this, address, size);
    }
  }

  // ---------------------------------------------------------------- faults, budget

  /// To be thrown: the exception, with an error code of 0 if it has one.
  public CpuFault fault(int vector) {
    return fault.set(vector, 0, false);
  }

  public CpuFault fault(int vector, int errorCode) {
    return fault.set(vector, errorCode, false);
  }

  /// `#GP(0)`, or `#SS(0)` if the stack was meant.
  public CpuFault nonCanonical() {
    return fault.set(CpuFault.GP, 0, true);
  }

  /// The exception that was thrown last.
  public CpuFault raised() {
    return fault;
  }

  /// Takes `count` instructions from the budget; false when it does not allow for them.
  public boolean spend(int count) {
    int left = budget - count;
    if (left < limit) {
      return false;
    }
    budget = left;
    return true;
  }

  /// Whether another block may be entered, as far as one knows: not kicked, and some budget.
  public boolean mayRun() {
    return budget > limit && get(Slots.ACTIVITY) == Slots.RUNNING;
  }

  /// Gives back what was taken for instructions that did not run.
  public void refund(int count) {
    budget += count;
  }

  public int budget() {
    return budget;
  }

  public void budget(int instructions) {
    budget = instructions;
  }

  /// Has the processor leave its blocks at the next one's entry. Any thread.
  public void kick() {
    LIMIT.setVolatile(this, Integer.MAX_VALUE);
  }

  /// Takes kicks back: call before looking at what they were for.
  public void clearKick() {
    LIMIT.setVolatile(this, 0);
  }

  public boolean isKicked() {
    return (int) LIMIT.getVolatile(this) != 0;
  }
}
