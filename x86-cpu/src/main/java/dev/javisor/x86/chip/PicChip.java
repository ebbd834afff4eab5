package dev.javisor.x86.chip;

import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;

/// One 8259A: eight requests, one output (8259A data sheet, Intel 231468). Guarded by [Pic].
///
/// An edge is latched until it is acknowledged, even if the wire falls before, as in KVM: the data
/// sheet has a spurious interrupt then.
final class PicChip {
  static final int INPUTS = 8;
  static final int NONE = -1;

  private static final int SPURIOUS = 7;

  // first byte of an initialization, and which one is expected next
  private static final int ICW1 = 0x10;
  private static final int ICW1_ICW4_NEEDED = 0x01;
  private static final int ICW1_SINGLE = 0x02;
  private static final int READY = 0;
  private static final int ICW2 = 2;
  private static final int ICW3 = 3;
  private static final int ICW4 = 4;
  private static final int ICW4_AUTO_EOI = 0x02;
  private static final int ICW4_FULLY_NESTED = 0x10;

  private static final int OCW3 = 0x08;
  private static final int OCW3_POLL = 0x04;
  private static final int OCW3_READ = 0x02;
  private static final int OCW3_SET_SPECIAL_MASK = 0x40;
  private static final int OCW3_SPECIAL_MASK = 0x20;

  // OCW2: R, SL and EOI in bits 7..5
  private static final int ROTATE_IN_AUTO_EOI_CLEAR = 0;
  private static final int EOI = 1;
  private static final int SPECIFIC_EOI = 3;
  private static final int ROTATE_IN_AUTO_EOI_SET = 4;
  private static final int ROTATE_ON_EOI = 5;
  private static final int SET_PRIORITY = 6;
  private static final int ROTATE_ON_SPECIFIC_EOI = 7;

  private final int levelChoice;
  private final int cascade;

  private int lines;
  private int latched;
  private int served;
  private int masked;
  private int levels;
  private int base;
  private int first; // the input with the highest priority
  private int expected = READY;
  private boolean single;
  private boolean icw4Needed;
  private boolean autoEoi;
  private boolean rotateOnAutoEoi;
  private boolean fullyNested;
  private boolean specialMask;
  private boolean readServed;
  private boolean poll;

  /// @param levelChoice the inputs that may be level-triggered
  /// @param cascade the input at which another 8259A hangs, as a bit; 0 for none
  PicChip(int levelChoice, int cascade) {
    this.levelChoice = levelChoice;
    this.cascade = cascade;
  }

  void input(int number, boolean high) {
    int bit = 1 << number;
    if (high && (lines & bit) == 0) {
      latched |= bit;
    }
    lines = high ? lines | bit : lines & ~bit;
    if (!high && (levels & bit) != 0) {
      latched &= ~bit;
    }
  }

  /// What the other 8259A asks for: not latched here but asked whenever it matters.
  void cascaded(boolean high) {
    latched = high ? latched | cascade : latched & ~cascade;
  }

  private int requests() {
    return latched | (lines & levels);
  }

  /// The request that goes out now, or [#NONE].
  int request() {
    int wanted = highest(requests() & ~masked);
    return wanted != NONE && priority(wanted) < priorityServed() ? wanted : NONE;
  }

  private int priorityServed() {
    int counted = specialMask ? served & ~masked : served;
    if (fullyNested) {
      counted &= ~cascade; // the other one sorts its own
    }
    return counted == 0 ? INPUTS : priority(highest(counted));
  }

  /// 0 is the highest.
  private int priority(int input) {
    return (input - first) & 7;
  }

  private int highest(int inputs) {
    for (int i = 0; i < INPUTS; i++) {
      int input = (first + i) & 7;
      if ((inputs & 1 << input) != 0) {
        return input;
      }
    }
    return NONE;
  }

  /// The acknowledge cycle: takes the request, and gives it; 7 if there is none.
  int acknowledge() {
    int taken = request();
    if (taken == NONE) {
      return SPURIOUS;
    }
    latched &= ~(1 << taken);
    if (!autoEoi) {
      served |= 1 << taken;
    } else if (rotateOnAutoEoi) {
      first = (taken + 1) & 7;
    }
    return taken;
  }

  int vector(int input) {
    return base | input;
  }

  /// Port A0 = 0.
  void command(int value) {
    if ((value & ICW1) != 0) {
      initialize(value);
    } else if ((value & OCW3) != 0) {
      select(value);
    } else {
      end(value >>> 5, value & 7);
    }
  }

  private void initialize(int icw1) {
    latched &= levels; // the edge detectors start anew
    served = 0;
    masked = 0;
    first = 0;
    autoEoi = false;
    rotateOnAutoEoi = false;
    fullyNested = false;
    specialMask = false;
    readServed = false;
    poll = false;
    single = (icw1 & ICW1_SINGLE) != 0;
    icw4Needed = (icw1 & ICW1_ICW4_NEEDED) != 0;
    expected = ICW2;
  }

  private void select(int ocw3) {
    if ((ocw3 & OCW3_POLL) != 0) {
      poll = true;
    } else if ((ocw3 & OCW3_READ) != 0) {
      readServed = (ocw3 & 1) != 0;
    }
    if ((ocw3 & OCW3_SET_SPECIAL_MASK) != 0) {
      specialMask = (ocw3 & OCW3_SPECIAL_MASK) != 0;
    }
  }

  private void end(int what, int input) {
    switch (what) {
      case EOI -> endHighest(false);
      case SPECIFIC_EOI -> served &= ~(1 << input);
      case ROTATE_ON_EOI -> endHighest(true);
      case SET_PRIORITY -> first = (input + 1) & 7;
      case ROTATE_ON_SPECIFIC_EOI -> {
        served &= ~(1 << input);
        first = (input + 1) & 7;
      }
      case ROTATE_IN_AUTO_EOI_SET -> rotateOnAutoEoi = true;
      case ROTATE_IN_AUTO_EOI_CLEAR -> rotateOnAutoEoi = false;
      default -> {} // no operation
    }
  }

  private void endHighest(boolean rotate) {
    int highest = highest(specialMask ? served & ~masked : served);
    if (highest != NONE) {
      served &= ~(1 << highest);
      first = rotate ? (highest + 1) & 7 : first;
    }
  }

  /// Port A0 = 1.
  void data(int value) {
    switch (expected) {
      case ICW2 -> {
        base = value & 0xF8;
        expected = single ? afterIcw3() : ICW3;
      }
      case ICW3 -> expected = afterIcw3(); // how the two are wired is the board's
      case ICW4 -> {
        autoEoi = (value & ICW4_AUTO_EOI) != 0;
        fullyNested = (value & ICW4_FULLY_NESTED) != 0;
        expected = READY;
      }
      default -> masked = value;
    }
  }

  private int afterIcw3() {
    return icw4Needed ? ICW4 : READY;
  }

  int readCommand() {
    if (poll) {
      return pollByte();
    }
    return readServed ? served : requests();
  }

  int readData() {
    return poll ? pollByte() : masked;
  }

  /// A read in poll mode is an acknowledge cycle; bit 7 says that there was one.
  private int pollByte() {
    poll = false;
    return request() == NONE ? 0 : 0x80 | acknowledge();
  }

  int levels() {
    return levels;
  }

  /// The edge/level control register beside it.
  void levels(int value) {
    levels = value & levelChoice;
  }

  void save(StateWriter out) {
    for (int value : new int[] {lines, latched, served, masked, levels, base, first, expected}) {
      out.putByte(value);
    }
    for (boolean value :
        new boolean[] {
          single, icw4Needed, autoEoi, rotateOnAutoEoi, fullyNested, specialMask, readServed, poll
        }) {
      out.putBoolean(value);
    }
  }

  void load(StateReader in) {
    lines = in.getByte();
    latched = in.getByte();
    served = in.getByte();
    masked = in.getByte();
    levels = in.getByte() & levelChoice;
    base = in.getByte() & 0xF8;
    first = in.getByte() & 7;
    expected = in.getByte(); // READY if it is no such byte
    single = in.getBoolean();
    icw4Needed = in.getBoolean();
    autoEoi = in.getBoolean();
    rotateOnAutoEoi = in.getBoolean();
    fullyNested = in.getBoolean();
    specialMask = in.getBoolean();
    readServed = in.getBoolean();
    poll = in.getBoolean();
  }
}
