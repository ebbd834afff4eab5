package dev.javisor.images.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Names of a kernel's addresses, for reports: of an ELF's symbol table (System V gABI 4.3, "Symbol
/// Table"), or of the `System.map-VERSION` beside a `vmlinuz-VERSION`. They are those that it was
/// linked with; a kernel that moves itself at its start (KASLR) has others.
public final class KernelSymbols {
  /// Has none.
  public static final KernelSymbols NONE = new KernelSymbols(new TreeMap<>());

  private static final int SECTIONS_MAX = 4096;
  private static final int SYMBOL_BYTES = 24;
  private static final int SECTION_BYTES = 64;
  private static final int SYMTAB = 2;

  /// A vmlinux has some 5 MB of symbols and as much of names.
  private static final int TABLE_BYTES_MAX = 64 << 20;

  private static final int FUNCTION = 2;

  /// How far behind its beginning an address still belongs to a symbol.
  private static final long DISTANCE_MAX = 1 << 20;

  private static final Pattern ADDRESS = Pattern.compile("\\bffff[0-9a-f]{12}\\b");
  private static final int ANNOTATED_MAX = 100;

  private final TreeMap<Long, String> names;

  private KernelSymbols(TreeMap<Long, String> names) {
    this.names = names;
  }

  /// Those of `kernel`; none if it has none or they cannot be read.
  public static KernelSymbols of(Path kernel) {
    String name = String.valueOf(kernel.getFileName());
    try {
      if (name.startsWith("vmlinuz-")) {
        Path map = kernel.resolveSibling(name.replace("vmlinuz-", "System.map-"));
        return Files.isReadable(map) ? ofMap(map) : NONE;
      }
      try (BootFile file = BootFile.open(kernel)) {
        return ofElf(file);
      }
    } catch (IOException unreadable) {
      return NONE; // a report without names is a report
    }
  }

  private static KernelSymbols ofMap(Path map) throws IOException {
    TreeMap<Long, String> names = new TreeMap<>();
    try (Stream<String> lines = Files.lines(map, StandardCharsets.ISO_8859_1)) {
      for (String line : (Iterable<String>) lines::iterator) {
        String[] words = line.split(" ", 3);
        if (words.length == 3 && words[0].matches("[0-9a-f]{16}") && words[1].matches("[tTwW]")) {
          names.put(Long.parseUnsignedLong(words[0], 16), words[2]);
        }
      }
    }
    return new KernelSymbols(names);
  }

  static KernelSymbols ofElf(BootFile file) throws IOException {
    byte[] head = file.head(SECTION_BYTES);
    if (head.length < SECTION_BYTES || !ElfKernel.recognizes(head)) {
      return NONE;
    }
    ByteBuffer header = littleEndian(head);
    int count = header.getShort(60) & 0xFFFF;
    if ((header.getShort(58) & 0xFFFF) != SECTION_BYTES || count > SECTIONS_MAX) {
      return NONE;
    }
    ByteBuffer sections = littleEndian(file.slice(header.getLong(40), count * SECTION_BYTES));
    for (int i = 0; i < count; i++) {
      int link = sections.getInt(i * SECTION_BYTES + 40);
      if (sections.getInt(i * SECTION_BYTES + 4) == SYMTAB && link >= 0 && link < count) {
        return table(table(file, sections, i), table(file, sections, link));
      }
    }
    return NONE;
  }

  private static ByteBuffer table(BootFile file, ByteBuffer sections, int number)
      throws IOException {
    long bytes = sections.getLong(number * SECTION_BYTES + 32);
    if (bytes < 0 || bytes > TABLE_BYTES_MAX) {
      throw new IOException(file + ": a table of " + bytes + " bytes");
    }
    return littleEndian(file.slice(sections.getLong(number * SECTION_BYTES + 24), (int) bytes));
  }

  private static KernelSymbols table(ByteBuffer symbols, ByteBuffer strings) {
    TreeMap<Long, String> names = new TreeMap<>();
    for (int at = 0; at + SYMBOL_BYTES <= symbols.limit(); at += SYMBOL_BYTES) {
      int type = symbols.get(at + 4) & 15;
      if (type == FUNCTION || type == 0) {
        String name = string(strings, symbols.getInt(at));
        if (!name.isEmpty()) {
          names.put(symbols.getLong(at + 8), name);
        }
      }
    }
    return new KernelSymbols(names);
  }

  private static String string(ByteBuffer strings, int from) {
    if (from < 0 || from >= strings.limit()) {
      return "";
    }
    int to = from;
    while (to < strings.limit() && strings.get(to) != 0) {
      to++;
    }
    byte[] name = new byte[to - from];
    strings.get(from, name);
    return new String(name, StandardCharsets.ISO_8859_1);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// `name+0x12`, or empty if there is none near.
  public String nearest(long address) {
    // kernel addresses are all negative, so that signed order is theirs
    Map.Entry<Long, String> below = names.floorEntry(address);
    if (below == null || address - below.getKey() > DISTANCE_MAX) {
      return "";
    }
    long distance = address - below.getKey();
    return below.getValue() + (distance == 0 ? "" : "+0x" + Long.toHexString(distance));
  }

  /// The report, and behind it the names of the kernel's addresses in it.
  public String annotate(String report) {
    TreeSet<String> addresses = new TreeSet<>();
    Matcher matcher = ADDRESS.matcher(report);
    while (matcher.find() && addresses.size() < ANNOTATED_MAX) {
      addresses.add(matcher.group());
    }
    StringJoiner known = new StringJoiner("\n", "\n", "").setEmptyValue("");
    for (String address : addresses) {
      String name = nearest(Long.parseUnsignedLong(address, 16));
      if (!name.isEmpty()) {
        known.add(address + " " + name);
      }
    }
    return report + known;
  }
}
