package dev.javisor.cli.session;

import sun.misc.Signal;

/// Signals sent to this process, for as long as a run lasts.
final class Signals {
  private Signals() {}

  /// What a run does about them; on HotSpot's signal thread.
  interface Handler {
    /// SIGINT, SIGTERM, SIGHUP, SIGQUIT by number.
    void ended(int number);

    void resized();
  }

  static void deliverTo(Handler handler) {
    for (String name : new String[] {"INT", "TERM", "HUP"}) {
      Signal.handle(new Signal(name), signal -> handler.ended(signal.getNumber()));
    }
    Signal.handle(new Signal("WINCH"), signal -> handler.resized());
  }
}
