package dev.javisor.x86.oracle;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.Kind;
import java.util.SplittableRandom;

/// Chooses displacements and immediates: addresses that can be reached, branches that land,
/// corners.
final class Fields {
  private final Encoder encoder;
  private final SplittableRandom random;

  Fields(Encoder encoder, SplittableRandom random) {
    this.encoder = encoder;
    this.random = random;
  }

  /// The instruction as it will be in its slot.
  Encoded fill(Encoded raw, int slot) {
    Instruction i = raw.instruction();
    boolean calm = CaseMaker.isCalm(i.form());
    Pointers pointers = new Pointers(random, new CaseRegisters(), raw);
    long displacement =
        i.displacementBytes() == 0 ? 0 : pointers.displacement(GuestMap.instruction(slot), calm);
    return encoder.patched(raw, displacement, immediate(raw, slot));
  }

  private long immediate(Encoded raw, int slot) {
    Form form = raw.instruction().form();
    int bytes = Math.min(8, raw.instruction().immediateBytes());
    if (bytes == 0) {
      return 0;
    } else if (form.operands().stream().anyMatch(o -> o.kind() == Kind.J)) {
      long target = random.nextBoolean() ? GuestMap.backward(slot) : GuestMap.forward(slot);
      return target - GuestMap.instruction(slot) - raw.instruction().length();
    } else if (form.mnemonic().equals("enter")) {
      int size = random.nextInt(4) == 0 ? random.nextInt(0x10000) : random.nextInt(64);
      return size | (long) (random.nextInt(3) == 0 ? random.nextInt(256) : 0) << 16;
    } else if (form.flags().keptAtZero()) {
      return Values.count(random.nextInt(), random);
    }
    return random.nextInt(3) == 0 ? random.nextLong() : Values.integer(bytes, random.nextInt());
  }
}
