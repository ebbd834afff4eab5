package dev.javisor.x86.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.CodePage;
import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.op.Translator;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlagsInTest {
  private static final int NONE = 0;
  private static final int ALL = Flags.STATUS;
  private static final int BLOCKS = 20_000;
  private static final int LONGEST = 5;
  private static final int TRIES = 8;

  private final Decoder decoder = new Decoder();
  private final Random random = new Random(8);
  private final Cpu cpu = new BareMachine(new OpExecutor()).cpu;

  private static FlagsIn of(String... hex) {
    List<Instruction> block = new ArrayList<>();
    for (String one : hex) {
      byte[] bytes = HexFormat.of().parseHex(one);
      block.add((Instruction) new Decoder().decode(bytes, 0, bytes.length, Mode.CODE32));
    }
    return FlagsIn.of(block);
  }

  private static FlagsIn flags(int read, int overwritten, int dropped) {
    return new FlagsIn(read, overwritten, dropped);
  }

  @Test
  void anAdditionDropsAll() {
    assertEquals(flags(NONE, ALL, ALL), of("01d8", "0f94c0")); // add; setz
  }

  @Test
  void aCarryIsReadAndTheOthersDropped() {
    assertEquals(flags(Flags.CF, ALL & ~Flags.CF, ALL & ~Flags.CF), of("11d8")); // adc
  }

  @Test
  void incLetsTheCarryThrough() {
    assertEquals(flags(NONE, ALL & ~Flags.CF, ALL & ~Flags.CF), of("40"));
  }

  @Test
  void whatMayFaultShowsThemAndWhatIsDroppedBeforeStays() {
    assertEquals(flags(NONE, ALL, NONE), of("8b03", "01d8")); // mov eax, [ebx]; add
    assertEquals(flags(NONE, ALL, ALL & ~Flags.CF), of("40", "8b03", "01d8")); // inc first
    assertEquals(flags(NONE, ALL, NONE), of("0103")); // add [ebx], eax: may fault itself
    assertEquals(0, of("f7f3").dropped()); // div ebx
  }

  @Test
  void anAddressAloneIsNoAccessButForClflush() {
    assertEquals(flags(NONE, ALL, ALL), of("8d03", "0f1f00", "01d8")); // lea; nop [eax]; add
    assertEquals(flags(NONE, ALL, NONE), of("0fae38", "01d8"));
  }

  @Test
  void aCountOfZeroLeavesThem() {
    assertEquals(flags(NONE, NONE, NONE), of("d3e0")); // shl eax, cl
    assertEquals(flags(NONE, NONE, NONE), of("f3a6")); // repe cmpsb
  }

  @Test
  void aBranchReadsItsConditionAndPushfAll() {
    assertEquals(flags(Flags.ZF, NONE, NONE), of("7400"));
    assertEquals(flags(Flags.CF | Flags.ZF, NONE, NONE), of("7700")); // ja
    assertEquals(ALL, of("9c").read());
  }

  /// An instruction that neither faults nor goes elsewhere, and does not ask for memory.
  private Instruction plain() {
    while (true) {
      byte[] bytes = new byte[Decoder.LENGTH_MAX];
      random.nextBytes(bytes);
      if (decoder.decode(bytes, 0, bytes.length, Mode.CODE32) instanceof Instruction found
          && FlagsIn.of(List.of(found, add())).dropped() != NONE) {
        return found;
      }
    }
  }

  private Instruction add() {
    return (Instruction) decoder.decode(new byte[] {1, (byte) 0xD8}, 0, 2, Mode.CODE32);
  }

  private record Outcome(int flags, List<Long> registers) {}

  private Outcome run(List<Instruction> block, long[] registers, int flags) {
    for (int i = 0; i < 8; i++) {
      cpu.gpr(i, registers[i]);
    }
    cpu.rflags(flags);
    for (Instruction instruction : block) {
      Translator.translate(
              instruction,
              0,
              true,
              _ -> {
                throw new AssertionError("it goes nowhere");
              })
          .exec(cpu);
    }
    List<Long> after = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      after.add(cpu.gpr(i));
    }
    return new Outcome((int) cpu.rflags(), after);
  }

  /// What brute force finds: flags that anything else depends on, and flags that survive.
  private int[] observe(List<Instruction> block) {
    int used = 0;
    int survived = 0;
    for (int i = 0; i < TRIES; i++) {
      long[] registers = random.ints(8).mapToLong(Integer::toUnsignedLong).toArray();
      int flags = random.nextInt() & ALL;
      for (int flag = 1; flag <= ALL; flag <<= 1) {
        if ((flag & ALL) != 0) {
          Outcome with = run(block, registers, flags | flag);
          Outcome without = run(block, registers, flags & ~flag);
          int differ = with.flags ^ without.flags;
          boolean isUsed = (differ & ~flag) != 0 || !with.registers.equals(without.registers);
          used |= isUsed ? flag : 0;
          survived |= differ & flag;
        }
      }
    }
    return new int[] {used, survived};
  }

  @Test
  void summariesHoldOfRandomBlocks() {
    int read = 0;
    int overwritten = 0;
    for (int i = 0; i < BLOCKS; i++) {
      List<Instruction> block = new ArrayList<>();
      for (int n = 1 + random.nextInt(LONGEST); n > 0; n--) {
        block.add(plain());
      }
      FlagsIn flags = FlagsIn.of(block);
      int[] seen = observe(block);
      assertEquals(NONE, seen[0] & ~flags.read(), () -> "used, not read: " + block);
      assertEquals(NONE, seen[1] & flags.overwritten(), () -> "survived: " + block);
      read += Integer.bitCount(seen[0]);
      overwritten += Integer.bitCount(flags.overwritten());
    }
    assertTrue(read > BLOCKS / 10, "only " + read + " flags were seen to be used");
    assertTrue(overwritten > BLOCKS, "only " + overwritten + " flags were overwritten");
  }

  @Test
  void aBlocksInstructionsAreThereAsLongAsItIs() {
    BareMachine machine = new BareMachine(new OpExecutor());
    machine.put(0x1000, HexFormat.of().parseHex("11d8" + "40" + "8b03" + "ebf9"));
    assertEquals(0, machine.run(0x1000, 4));
    CodePage page = Objects.requireNonNull(machine.code.page(0x1000));
    Block block = Objects.requireNonNull(page.find(0, (int) machine.cpu.get(Slots.KEY)));
    List<Instruction> read = BlockSource.of(machine.cpu, block);
    assertEquals(
        List.of("adc", "inc", "mov", "jmp"), read.stream().map(i -> i.form().mnemonic()).toList());
    assertEquals(flags(Flags.CF, ALL & ~Flags.CF, ALL & ~Flags.CF), FlagsIn.of(read));
    machine.code.written(0x1002, 1);
    assertEquals(List.of(), BlockSource.of(machine.cpu, block));
  }
}
