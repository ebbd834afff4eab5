package dev.javisor.devices.virtio.queue;

import java.util.ArrayList;
import java.util.List;

/// Which bytes of a chain's writable part were written: ranges in rising order, never touching.
/// Most chains have one or two.
final class WrittenRanges {
  private record Range(long from, long to) {}

  /// Told of each range.
  interface Visitor {
    void range(long from, long to);
  }

  private List<Range> ranges = new ArrayList<>(2);

  void add(long from, long to) {
    if (from == to) {
      return;
    }
    long first = from;
    long last = to;
    List<Range> merged = new ArrayList<>(ranges.size() + 1);
    int at = 0;
    for (Range range : ranges) {
      if (range.to < from) {
        merged.add(range);
        at++;
      } else if (range.from > to) {
        merged.add(range);
      } else {
        first = Math.min(first, range.from);
        last = Math.max(last, range.to);
      }
    }
    merged.add(at, new Range(first, last));
    ranges = merged;
  }

  void remove(long from, long to) {
    List<Range> left = new ArrayList<>(ranges.size() + 1);
    for (Range range : ranges) {
      if (range.from < Math.min(range.to, from)) {
        left.add(new Range(range.from, Math.min(range.to, from)));
      }
      if (Math.max(range.from, to) < range.to) {
        left.add(new Range(Math.max(range.from, to), range.to));
      }
    }
    ranges = left;
  }

  /// How far the bytes from 0 on were written without a gap.
  long prefix() {
    return ranges.isEmpty() || ranges.get(0).from > 0 ? 0 : ranges.get(0).to;
  }

  void forEach(Visitor visitor) {
    for (Range range : ranges) {
      visitor.range(range.from, range.to);
    }
  }
}
