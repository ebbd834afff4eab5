package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.CodePage;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.mmu.Paging;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.ModeKey;

/// Finds the block that RIP is at, and has it decoded if there is none. One vCPU's.
final class BlockFinder {
  private final Cpu cpu;
  private final Paging paging;
  private final CodeCache cache;
  private final BlockDecoder decoder;
  private final JumpCache jumps = new JumpCache();

  BlockFinder(Cpu cpu, Paging paging, CodeCache cache) {
    this.cpu = cpu;
    this.paging = paging;
    this.cache = cache;
    this.decoder = new BlockDecoder(cache, paging);
  }

  /// The block at RIP for `key`, with [Slots#PAGE] set for it.
  ///
  /// @param key the processor's, or [ModeKey#single] of it
  /// @throws CpuFault if RIP leads nowhere
  Block find(int key) {
    long rip = cpu.get(Slots.RIP);
    long base = ModeKey.mode(key).isLong() ? 0 : cpu.get(Slots.segment(Instruction.CS));
    long linear = base == 0 ? rip : rip + base & 0xFFFF_FFFFL;
    Block block = jumps.find(linear, cpu.tlb().generation(), key);
    if (block == null) {
      block = look(rip, linear, key);
    }
    cpu.set(Slots.PAGE, (linear & Cpu.PAGE_MASK) - base);
    return block;
  }

  private Block look(long rip, long linear, int key) {
    checkRange(rip, key);
    long pageGpa = paging.fetch(cpu, linear);
    if (pageGpa < 0) {
      return decoder.decodeForeign(cpu, linear, key);
    }
    int offset = (int) linear & 4095;
    CodePage page = cache.open(cpu, pageGpa);
    Block block = page.find(offset, key);
    if (block == null) {
      cache.makeRoom();
      block = decoder.decode(cpu, page, pageGpa, offset, linear, key);
    } else if (block.straddles() && !isWhole(block, linear)) {
      cache.drop(page, offset);
      block = decoder.decode(cpu, page, pageGpa, offset, linear, key);
    }
    if (!block.straddles()) {
      jumps.put(linear, cpu.tlb().generation(), block);
    }
    return block;
  }

  private void checkRange(long rip, int key) {
    boolean isThere =
        ModeKey.mode(key).isLong()
            ? rip << 16 >> 16 == rip
            : rip <= cpu.segmentLimit(Instruction.CS);
    if (!isThere) {
      throw cpu.fault(CpuFault.GP);
    }
  }

  /// Whether a straddling instruction's second page is still the one, with the bytes it had.
  private boolean isWhole(Block block, long linear) {
    long second = paging.fetch(cpu, (linear & Cpu.PAGE_MASK) + 4096);
    CodePage page = second < 0 ? null : cache.page(second);
    return second == block.secondPage()
        && page != null
        && page.tailGeneration() == block.tailGeneration();
  }
}
