package dev.javisor.x86.engine;

import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.x86.chip.LocalApic;
import dev.javisor.x86.mmu.PhysicalMemory;
import dev.javisor.x86.state.Cpu;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Physical memory as one vCPU sees it: with its own local APIC's page, and accesses to devices as
/// exits.
final class VcpuMemory implements PhysicalMemory {
  private final MachineMemory machine;
  private final ChipSet chips;
  private final LocalApic apic;
  private final Doorbells doorbells;
  private final PendingAccess accesses;
  private final ParavirtualEoi eoi;

  VcpuMemory(
      MachineMemory machine,
      ChipSet chips,
      LocalApic apic,
      Doorbells doorbells,
      PendingAccess accesses) {
    this.machine = machine;
    this.chips = chips;
    this.apic = apic;
    this.doorbells = doorbells;
    this.accesses = accesses;
    this.eoi = new ParavirtualEoi(this, apic);
  }

  ParavirtualEoi eoi() {
    return eoi;
  }

  @Override
  public MemorySegment ram() {
    return machine.ram();
  }

  @Override
  public boolean isRam(long gpa) {
    return machine.isRam(gpa);
  }

  @Override
  public long read(long gpa, int size) {
    if (apic.claims(gpa)) {
      accesses.byItself();
      eoi.withdraw();
      return apic.page().read(gpa & 4095, size);
    }
    if (ChipSet.claims(gpa)) {
      accesses.byItself();
      return chips.mmio().read(gpa, size);
    }
    GuestRegion region = machine.other(gpa, size);
    return region == null ? accesses.read(gpa, size) : little(region, gpa, size);
  }

  private static long little(GuestRegion region, long gpa, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      byte next = region.host().get(ValueLayout.JAVA_BYTE, gpa - region.gpa() + i);
      value = value << 8 | next & 0xFF;
    }
    return value;
  }

  @Override
  public void write(long gpa, int size, long value) {
    if (apic.claims(gpa)) {
      accesses.byItself();
      eoi.withdraw();
      apic.page().write(gpa & 4095, size, value);
      return;
    }
    if (ChipSet.claims(gpa)) {
      accesses.byItself();
      chips.mmio().write(gpa, size, value);
      return;
    }
    Doorbell doorbell = doorbells.find(gpa, size);
    if (doorbell != null) {
      accesses.byItself();
      doorbell.ring();
      return;
    }
    GuestRegion region = machine.other(gpa, size);
    if (region == null || region.readOnly()) {
      accesses.write(gpa, size, value);
    } else {
      write(region, gpa, size, value);
    }
  }

  private static void write(GuestRegion region, long gpa, int size, long value) {
    for (int i = 0; i < size; i++) {
      region.host().set(ValueLayout.JAVA_BYTE, gpa - region.gpa() + i, (byte) (value >>> 8 * i));
    }
  }

  @Override
  public int fetch(long gpa, byte[] into, int size) {
    GuestRegion region = machine.other(gpa, size);
    if (region == null) {
      return 0;
    }
    MemorySegment.copy(region.host(), ValueLayout.JAVA_BYTE, gpa - region.gpa(), into, 0, size);
    return size;
  }

  @Override
  public boolean hasCode(long gpa) {
    return machine.code().hasCode(gpa);
  }

  @Override
  public boolean grantsWrite(Cpu cpu, long gpa) {
    return !machine.isClean(gpa) && machine.code().grantsWrite(cpu, gpa);
  }

  @Override
  public boolean isClean(long gpa) {
    return machine.isClean(gpa);
  }

  @Override
  public void noteDirty(long gpa) {
    machine.noteDirty(gpa);
  }

  @Override
  public void written(long gpa, int size) {
    machine.written(gpa, size);
  }
}
