package dev.javisor.cli.console;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// What a person types in raw mode, less what is meant for us: `Ctrl-]` and then `q` presses the
/// power button, `k` kills, `Ctrl-]` sends one; any other key and both go to the guest. Alone it
/// ends nothing.
public final class EscapeKeys extends FilterInputStream {
  static final int ESCAPE = 0x1D;

  private final Runnable powerButton;
  private final Runnable kill;
  private boolean escaped;

  public EscapeKeys(InputStream in, Runnable powerButton, Runnable kill) {
    super(in);
    this.powerButton = powerButton;
    this.kill = kill;
  }

  @Override
  public int read() {
    throw new IllegalStateException("an escape that was none is two bytes: read into an array");
  }

  /// Returns with what one read of the terminal gave, so that no key waits for the next. `length`
  /// is at least 2.
  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    byte[] typed = new byte[length / 2];
    while (true) {
      int count = in.read(typed, 0, typed.length);
      if (count < 0) {
        return -1;
      }
      int kept = filter(typed, count, target, offset);
      if (kept > 0) {
        return kept;
      }
    }
  }

  private int filter(byte[] typed, int count, byte[] target, int offset) {
    int at = offset;
    for (int i = 0; i < count; i++) {
      byte key = typed[i];
      if (!escaped && key == ESCAPE) {
        escaped = true;
        continue;
      }
      if (escaped && !command(key)) {
        target[at++] = ESCAPE;
        if (key == ESCAPE) {
          escaped = false;
          continue;
        }
        target[at++] = key;
      } else if (!escaped) {
        target[at++] = key;
      }
      escaped = false;
    }
    return at - offset;
  }

  private boolean command(byte key) {
    switch (key) {
      case 'q' -> powerButton.run();
      case 'k' -> kill.run();
      default -> {
        return false;
      }
    }
    return true;
  }
}
