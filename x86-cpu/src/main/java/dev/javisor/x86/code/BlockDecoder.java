package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.CodePage;
import dev.javisor.x86.block.End;
import dev.javisor.x86.block.Op;
import dev.javisor.x86.block.Way;
import dev.javisor.x86.decode.Decoded;
import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.mmu.Paging;
import dev.javisor.x86.op.Refused;
import dev.javisor.x86.op.Translator;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.system.ModeKey;
import dev.javisor.x86.table.Attribute;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Makes blocks of the bytes in memory. One vCPU's.
final class BlockDecoder {
  private static final int PAGE_BYTES = 4096;

  /// The most instructions a block has.
  private static final int INSTRUCTIONS_MOST = 64;

  private final CodeCache cache;
  private final Paging paging;
  private final Decoder decoder = new Decoder();
  private final byte[] foreign = new byte[Decoder.LENGTH_MAX];
  private final byte[] bytes = new byte[PAGE_BYTES + Decoder.LENGTH_MAX];

  BlockDecoder(CodeCache cache, Paging paging) {
    this.cache = cache;
    this.paging = paging;
  }

  /// Decodes the block at `offset` of the page at `page` and keeps it.
  ///
  /// @param linear the linear address of the block
  /// @throws dev.javisor.x86.state.CpuFault `#PF` where its first instruction goes on in a page
  ///     that is
  ///     not there
  Block decode(Cpu cpu, CodePage page, long pageGpa, int offset, long linear, int key) {
    Mode mode = ModeKey.mode(key);
    copy(cpu, pageGpa + offset, 0, PAGE_BYTES - offset);
    int length = PAGE_BYTES - offset;
    List<Op> ops = new ArrayList<>();
    int at = 0;
    int most = ModeKey.isSingle(key) ? 1 : INSTRUCTIONS_MOST;
    boolean ends = false;
    while (!ends && at < length && ops.size() < most) {
      Decoded decoded = decoder.decode(bytes, at, length, mode);
      if (decoded == Decoded.Refusal.TRUNCATED) {
        if (ops.isEmpty()) {
          return straddling(cpu, page, offset, linear, key, length);
        }
        break;
      }
      Op op = op(decoded, page, offset + at, key);
      ops.add(op);
      at = op.end() - offset;
      ends = isLast(decoded);
    }
    return keep(page, new Block(key, ops, end(page, offset + at, key), -1, 0));
  }

  /// The one instruction at `offset`, whose end is in another page.
  private Block straddling(Cpu cpu, CodePage page, int offset, long linear, int key, int length) {
    long second = paging.fetch(cpu, linear + length);
    CodePage secondPage = null;
    int available = length;
    if (second >= 0) {
      secondPage = cache.open(second);
      available = Decoder.LENGTH_MAX;
      copy(cpu, second, length, Decoder.LENGTH_MAX - length);
    }
    int generation = secondPage == null ? 0 : secondPage.addTail(Decoder.LENGTH_MAX - length);
    Decoded decoded = decoder.decode(bytes, 0, available, ModeKey.mode(key));
    Op op = op(decoded, page, offset, key);
    return keep(
        page,
        new Block(key, List.of(op), end(page, op.end(), key), Math.max(second, 0), generation));
  }

  /// The one instruction at `linear`, where no RAM is; it is not kept. All ones, which is what is
  /// read where nothing is, are no instruction.
  Block decodeForeign(Cpu cpu, long linear, int key) {
    int offset = (int) linear & 4095;
    int available = paging.fetchForeign(cpu, linear, foreign);
    CodePage nowhere = new CodePage();
    Decoded decoded = decoder.decode(foreign, 0, available, ModeKey.mode(key));
    boolean isWhole = decoded != Decoded.Refusal.TRUNCATED;
    Op op = op(isWhole ? decoded : Decoded.Refusal.UNDEFINED, nowhere, offset, key);
    return new Block(key, List.of(op), end(nowhere, op.end(), key), -1, 0);
  }

  private Block keep(CodePage page, Block block) {
    cache.add(page, block);
    return block;
  }

  private void copy(Cpu cpu, long from, int to, int count) {
    MemorySegment.copy(cpu.ram(), ValueLayout.JAVA_BYTE, from, bytes, to, count);
  }

  private Op op(Decoded decoded, CodePage page, int at, int key) {
    if (decoded instanceof Instruction instruction) {
      boolean flat = ModeKey.isFlat(key);
      return Translator.translate(instruction, at, flat, target -> way(page, target, key));
    }
    return new Refused(decoded == Decoded.Refusal.TOO_LONG).at(at, 1);
  }

  private static boolean isLast(Decoded decoded) {
    return !(decoded instanceof Instruction i)
        || i.form().endsBlock()
        || i.form().is(Attribute.SHADOW);
  }

  private static Op end(CodePage page, int at, int key) {
    return new End(way(page, at, key)).at(at, 0);
  }

  private static Way way(CodePage page, int target, int key) {
    return new Way(page, target, key, ModeKey.mode(key).isLong() ? -1 : 0xFFFF_FFFFL);
  }
}
