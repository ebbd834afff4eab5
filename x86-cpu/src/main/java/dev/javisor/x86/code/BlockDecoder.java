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
import org.jspecify.annotations.Nullable;

/// Makes blocks of the bytes in memory. One vCPU's.
final class BlockDecoder {
  private static final int PAGE_BYTES = 4096;

  /// The most instructions a block has.
  private static final int INSTRUCTIONS_MOST = 64;

  /// Has no blocks and never will.
  private static final CodePage NOWHERE = new CodePage(-1);

  private final CodeCache cache;
  private final Paging paging;
  private final Decoder decoder = new Decoder();
  private final List<Way> ways = new ArrayList<>();
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
    synchronized (page) {
      Block known = page.find(offset, key);
      if (known != null && !known.straddles()) {
        return known; // another processor's, of this moment
      }
      Block block = within(cpu, page, pageGpa, offset, key);
      if (block != null) {
        return cache.keep(page, block);
      }
    }
    return straddling(cpu, page, pageGpa, offset, linear, key);
  }

  /// The block at `offset`; null if not even its first instruction ends in the page.
  private @Nullable Block within(Cpu cpu, CodePage page, long pageGpa, int offset, int key) {
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
          return null;
        }
        break;
      }
      Op op = op(decoded, page, offset + at, key);
      ops.add(op);
      at = op.end() - offset;
      ends = isLast(decoded);
    }
    return block(page, key, ops, -1, 0);
  }

  /// The one instruction at `offset`, whose end is in another page. No lock is held while that page
  /// is looked for: it may fault or wait. Its bytes are those of the generation.
  private Block straddling(Cpu cpu, CodePage page, long pageGpa, int offset, long linear, int key) {
    int length = PAGE_BYTES - offset;
    long second = paging.fetch(cpu, linear + length);
    int generation = second < 0 ? 0 : tail(cpu, second, length);
    int available = second < 0 ? length : Decoder.LENGTH_MAX;
    synchronized (page) {
      copy(cpu, pageGpa + offset, 0, length);
      Decoded decoded = decoder.decode(bytes, 0, available, ModeKey.mode(key));
      Op op = op(decoded, page, offset, key);
      return cache.keep(page, block(page, key, List.of(op), Math.max(second, 0), generation));
    }
  }

  /// Takes the rest of an instruction of which `length` bytes are in the page before.
  private int tail(Cpu cpu, long second, int length) {
    CodePage page = cache.open(cpu, second);
    synchronized (page) {
      int generation = page.addTail(Decoder.LENGTH_MAX - length);
      copy(cpu, second, length, Decoder.LENGTH_MAX - length);
      return generation;
    }
  }

  /// The one instruction at `linear`, where no RAM is; it is not kept. All ones, which is what is
  /// read where nothing is, are no instruction.
  Block decodeForeign(Cpu cpu, long linear, int key) {
    int offset = (int) linear & 4095;
    int available = paging.fetchForeign(cpu, linear, foreign);
    Decoded decoded = decoder.decode(foreign, 0, available, ModeKey.mode(key));
    boolean isWhole = decoded != Decoded.Refusal.TRUNCATED;
    Op op = op(isWhole ? decoded : Decoded.Refusal.UNDEFINED, NOWHERE, offset, key);
    return block(NOWHERE, key, List.of(op), -1, 0);
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

  private Block block(CodePage page, int key, List<Op> ops, long secondPage, int generation) {
    int at = ops.getLast().end();
    Op end = new End(way(page, at, key)).at(at, 0);
    Block block = new Block(page, key, ops, end, ways, secondPage, generation);
    ways.clear();
    return block;
  }

  private Way way(CodePage page, int target, int key) {
    Way way = new Way(page, target, key, ModeKey.mode(key).isLong() ? -1 : 0xFFFF_FFFFL);
    ways.add(way);
    return way;
  }
}
