package dev.javisor.x86.state;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Translations at hand: direct-mapped, one table for each [#use]d index (user; supervisor;
// supervisor
/// with SMAP open). An entry is a tag each for reading, writing and fetching - the page's linear
/// address, or something with low bits set that no page's address equals - and what to add to a
// linear
/// address to get the offset in RAM. In native memory, since generated code reads it too.
public final class Tlb {
  public static final int USER = 0;
  public static final int SUPERVISOR = 1;
  public static final int SUPERVISOR_OPEN = 2;
  private static final int INDICES = 3;

  /// No page has this tag.
  public static final long NONE = 1;

  private static final int ENTRIES_LOG = 10;
  private static final int ENTRIES = 1 << ENTRIES_LOG;
  private static final int ENTRY_LOG = 5;
  private static final int WRITE = 8;
  private static final int FETCH = 16;
  private static final int ADDEND = 24;
  private static final long TABLE_BYTES = (long) ENTRIES << ENTRY_LOG;
  private static final int FILLS = 512;

  private final MemorySegment entries = Arena.ofAuto().allocate(INDICES * TABLE_BYTES, 64);

  /// Entries filled since the last flush; past the end everything is cleared.
  private final int[] filled = new int[FILLS];

  private final boolean[] filledGlobal = new boolean[FILLS];
  private int fills;
  private long table;
  private int index;
  private int generation;

  Tlb() {
    clear();
  }

  /// From here on translations are those of `newIndex`.
  public void use(int newIndex) {
    index = newIndex;
    table = newIndex * TABLE_BYTES;
  }

  public int index() {
    return index;
  }

  /// Changes with each flush: what is remembered of translations elsewhere is as old as this.
  public int generation() {
    return generation;
  }

  long entry(long address) {
    return table + ((address >>> 12 & ENTRIES - 1) << ENTRY_LOG);
  }

  long readTag(long entry) {
    return entries.get(ValueLayout.JAVA_LONG, entry);
  }

  long writeTag(long entry) {
    return entries.get(ValueLayout.JAVA_LONG, entry + WRITE);
  }

  long addend(long entry) {
    return entries.get(ValueLayout.JAVA_LONG, entry + ADDEND);
  }

  /// The offset in RAM of `size` bytes at `address` if they may be read and are at hand, else -1.
  public long readOffset(long address, int size) {
    long entry = entry(address);
    return readTag(entry) == (address + size - 1 & Cpu.PAGE_MASK) ? address + addend(entry) : -1;
  }

  /// The same for writing.
  public long writeOffset(long address, int size) {
    long entry = entry(address);
    return writeTag(entry) == (address + size - 1 & Cpu.PAGE_MASK) ? address + addend(entry) : -1;
  }

  /// The same for fetching the byte at `address`.
  public long fetchOffset(long address) {
    long entry = entry(address);
    return entries.get(ValueLayout.JAVA_LONG, entry + FETCH) == (address & Cpu.PAGE_MASK)
        ? address + addend(entry)
        : -1;
  }

  /// Enters a translation.
  ///
  /// @param page the linear address of a page
  /// @param ramOffset where in RAM it is
  /// @param global whether it outlives a load of CR3
  public void fill(
      long page, long ramOffset, boolean read, boolean write, boolean fetch, boolean global) {
    long entry = entry(page);
    note((int) (entry >>> ENTRY_LOG), global);
    tags(entry, read ? page : NONE, write ? page : NONE, fetch ? page : NONE);
    entries.set(ValueLayout.JAVA_LONG, entry + ADDEND, ramOffset - page);
  }

  private void tags(long entry, long read, long write, long fetch) {
    entries.set(ValueLayout.JAVA_LONG, entry, read);
    entries.set(ValueLayout.JAVA_LONG, entry + WRITE, write);
    entries.set(ValueLayout.JAVA_LONG, entry + FETCH, fetch);
  }

  private void note(int entry, boolean global) {
    if (fills < FILLS) {
      filled[fills] = entry;
      filledGlobal[fills] = global;
    }
    fills++;
  }

  /// Forgets all translations, or those not global only.
  public void flush(boolean globalToo) {
    generation++;
    if (fills > FILLS) {
      clear();
      return;
    }
    int kept = 0;
    for (int i = 0; i < fills; i++) {
      if (filledGlobal[i] && !globalToo) {
        filled[kept] = filled[i];
        filledGlobal[kept++] = true;
      } else {
        tags((long) filled[i] << ENTRY_LOG, NONE, NONE, NONE);
      }
    }
    fills = kept;
  }

  private void clear() {
    for (int i = 0; i < INDICES * ENTRIES; i++) {
      tags((long) i << ENTRY_LOG, NONE, NONE, NONE);
    }
    fills = 0;
  }

  /// Forgets the page of `address` in all tables.
  public void flushPage(long address) {
    generation++;
    long within = (address >>> 12 & ENTRIES - 1) << ENTRY_LOG;
    for (int i = 0; i < INDICES; i++) {
      tags(i * TABLE_BYTES + within, NONE, NONE, NONE);
    }
  }

  /// Takes away the right to write to the page of RAM at `ramOffset` without being asked.
  public void protect(long ramOffset) {
    for (int i = 0; i < INDICES * ENTRIES; i++) {
      long entry = (long) i << ENTRY_LOG;
      long tag = writeTag(entry);
      if (tag != NONE && tag + addend(entry) == ramOffset) {
        entries.set(ValueLayout.JAVA_LONG, entry + WRITE, NONE);
      }
    }
  }
}
