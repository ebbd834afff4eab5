package dev.javisor.x86.state;

/// Translations at hand: direct-mapped, one table for each [#use]d index (user; supervisor;
/// supervisor with SMAP open; user with
/// alignment checks). An entry is a tag each for reading, writing and fetching - the
/// page's linear address, or something with low bits set that no page's address equals - and what
/// to add to a linear address to get the offset in RAM. On the Java heap, as [Cpu]'s words are.
public final class Tlb {
  public static final int USER = 0;
  public static final int SUPERVISOR = 1;
  public static final int SUPERVISOR_OPEN = 2;

  /// A user whose data accesses are looked at for their alignment: none is ever at hand.
  public static final int USER_ALIGNED = 3;

  private static final int INDICES = 4;

  /// No page has this tag.
  public static final long NONE = 1;

  private static final int ENTRIES_LOG = 10;
  private static final int ENTRIES = 1 << ENTRIES_LOG;
  private static final int ENTRY_LOG = 2;
  private static final int WRITE = 1;
  private static final int FETCH = 2;
  private static final int ADDEND = 3;
  private static final int TABLE_WORDS = ENTRIES << ENTRY_LOG;
  private static final int FILLS = 512;

  private final long[] entries = new long[INDICES * TABLE_WORDS];

  /// Entries filled since the last flush; past the end everything is cleared.
  private final int[] filled = new int[FILLS];

  private final boolean[] filledGlobal = new boolean[FILLS];
  private int fills;
  private int table;
  private int index;
  private int generation;

  Tlb() {
    clear();
  }

  /// From here on translations are those of `newIndex`.
  public void use(int newIndex) {
    index = newIndex;
    table = newIndex * TABLE_WORDS;
  }

  public int index() {
    return index;
  }

  public boolean isUser() {
    return index == USER || index == USER_ALIGNED;
  }

  /// Changes with each flush: what is remembered of translations elsewhere is as old as this.
  public int generation() {
    return generation;
  }

  int entry(long address) {
    return table + (((int) (address >>> 12) & ENTRIES - 1) << ENTRY_LOG);
  }

  long readTag(int entry) {
    return entries[entry];
  }

  long writeTag(int entry) {
    return entries[entry + WRITE];
  }

  long addend(int entry) {
    return entries[entry + ADDEND];
  }

  /// The offset in RAM of `size` bytes at `address` if they may be read and are at hand, else -1.
  public long readOffset(long address, int size) {
    int entry = entry(address);
    return readTag(entry) == (address + size - 1 & Cpu.PAGE_MASK) ? address + addend(entry) : -1;
  }

  /// The same for writing.
  public long writeOffset(long address, int size) {
    int entry = entry(address);
    return writeTag(entry) == (address + size - 1 & Cpu.PAGE_MASK) ? address + addend(entry) : -1;
  }

  /// The same for fetching the byte at `address`.
  public long fetchOffset(long address) {
    int entry = entry(address);
    return entries[entry + FETCH] == (address & Cpu.PAGE_MASK) ? address + addend(entry) : -1;
  }

  /// Enters a translation.
  ///
  /// @param page the linear address of a page
  /// @param ramOffset where in RAM it is
  /// @param global whether it outlives a load of CR3
  public void fill(
      long page, long ramOffset, boolean read, boolean write, boolean fetch, boolean global) {
    int entry = entry(page);
    note(entry >>> ENTRY_LOG, global);
    tags(entry, read ? page : NONE, write ? page : NONE, fetch ? page : NONE);
    entries[entry + ADDEND] = ramOffset - page;
  }

  private void tags(int entry, long read, long write, long fetch) {
    entries[entry] = read;
    entries[entry + WRITE] = write;
    entries[entry + FETCH] = fetch;
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
        tags(filled[i] << ENTRY_LOG, NONE, NONE, NONE);
      }
    }
    fills = kept;
  }

  private void clear() {
    for (int i = 0; i < INDICES * ENTRIES; i++) {
      tags(i << ENTRY_LOG, NONE, NONE, NONE);
    }
    fills = 0;
  }

  /// Forgets the page of `address` in all tables.
  public void flushPage(long address) {
    generation++;
    int within = ((int) (address >>> 12) & ENTRIES - 1) << ENTRY_LOG;
    for (int i = 0; i < INDICES; i++) {
      tags(i * TABLE_WORDS + within, NONE, NONE, NONE);
    }
  }

  /// Takes away the right to write to the page of RAM at `ramOffset` without being asked.
  public void protect(long ramOffset) {
    for (int i = 0; i < INDICES * ENTRIES; i++) {
      int entry = i << ENTRY_LOG;
      long tag = writeTag(entry);
      if (tag != NONE && tag + addend(entry) == ramOffset) {
        entries[entry + WRITE] = NONE;
      }
    }
  }
}
