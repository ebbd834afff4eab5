package dev.javisor.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where a trace is written, beside the kernel's log; made when the first line comes. Any thread.
final class TraceFile implements AutoCloseable {
  private final Path path;
  private @Nullable Writer writer;

  TraceFile(Path log) {
    path = log.resolveSibling(log.getFileName() + ".cpu");
  }

  Path path() {
    return path;
  }

  synchronized void line(String text) {
    try {
      Writer open = writer;
      if (open == null) {
        Path directory = path.toAbsolutePath().getParent();
        if (directory != null) {
          Files.createDirectories(directory);
        }
        open = Files.newBufferedWriter(path);
        writer = open;
      }
      open.write(text);
      open.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": the trace cannot be written", e);
    }
  }

  @Override
  public synchronized void close() {
    Writer open = writer;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new UncheckedIOException(path + ": the trace cannot be written", e);
      }
    }
  }
}
