package dev.javisor.cli.config;

import dev.javisor.vmm.machine.MachineSpec.Network;

/// A network card in one word, as options and JSON have it: `none`, `tap=tap0,mtu=1400`.
public final class NetworkText {
  private NetworkText() {}

  public static String write(Network network) {
    return switch (network) {
      case Network.None _ -> "none";
      case Network.Tap(String name, String mac, int mtu) ->
          "tap=" + name + (mac.isEmpty() ? "" : ",mac=" + mac) + (mtu == 0 ? "" : ",mtu=" + mtu);
    };
  }

  /// @throws IllegalArgumentException one line that says what is expected
  public static Network read(String text) {
    if (text.equals("none")) {
      return new Network.None();
    }
    String name = "";
    String mac = "";
    int mtu = 0;
    for (String part : text.split(",", -1)) {
      switch (part.substring(0, part.indexOf('=') + 1)) {
        case "tap=" -> name = part.substring(4);
        case "mac=" -> mac = part.substring(4);
        case "mtu=" -> mtu = number(part.substring(4));
        default -> throw noNetwork(text);
      }
    }
    if (name.isEmpty()) {
      throw noNetwork(text);
    }
    return new Network.Tap(name, mac, mtu);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("mtu: '" + text + "' is no number", e);
    }
  }

  private static IllegalArgumentException noNetwork(String text) {
    return new IllegalArgumentException(
        "network '" + text + "': say none or tap=NAME[,mac=ADDRESS][,mtu=BYTES]");
  }
}
