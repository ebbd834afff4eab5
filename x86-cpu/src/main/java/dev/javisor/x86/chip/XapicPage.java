package dev.javisor.x86.chip;

import dev.javisor.vmm.bus.Device;

/// The registers as a page of memory (SDM 3A, 11.4.1): 32 bits each, at steps of 16 bytes. Parts of
/// a register can be read, as in KVM; only whole ones are written. The vCPU's thread.
final class XapicPage implements Device {
  private static final int REGISTER_BYTES = 4;

  private final ApicProgramming programming;

  XapicPage(ApicProgramming programming) {
    this.programming = programming;
  }

  @Override
  public long read(long offset, int size) {
    int at = (int) offset % ApicRegisters.STEP;
    if (at + size > REGISTER_BYTES) {
      return Device.allOnes(size);
    }
    int register = (int) offset - at;
    if (!ApicRegisters.exists(register)) {
      programming.illegalRegister();
      return 0;
    }
    return Integer.toUnsignedLong(programming.read(register)) >>> (at * 8) & Device.allOnes(size);
  }

  @Override
  public void write(long offset, int size, long value) {
    if (size != REGISTER_BYTES || offset % ApicRegisters.STEP != 0) {
      return;
    }
    int register = (int) offset;
    int bits = ApicRegisters.writableBits(register);
    if (bits != 0 || register == ApicRegisters.EOI || register == ApicRegisters.ESR) {
      programming.write(register, (int) value & bits);
    } else if (!ApicRegisters.exists(register)) {
      programming.illegalRegister();
    }
  }
}
