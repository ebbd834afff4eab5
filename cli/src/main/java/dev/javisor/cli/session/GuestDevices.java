package dev.javisor.cli.session;

import dev.javisor.cli.machine.GuestMachine.LateMachine;
import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.devices.virtio.block.BlockDevice;
import dev.javisor.devices.virtio.console.ConsoleDevice;
import dev.javisor.devices.virtio.console.ConsolePort;
import dev.javisor.devices.virtio.console.PortListener;
import dev.javisor.devices.virtio.net.NetDevice;
import dev.javisor.devices.virtio.rng.RngDevice;
import dev.javisor.images.disk.RawImage;
import dev.javisor.linux.backend.LinuxEntropy;
import dev.javisor.linux.backend.LinuxFile;
import dev.javisor.linux.backend.TapPort;
import dev.javisor.vmm.machine.MachineSpec;
import dev.javisor.vmm.machine.MachineSpec.Disk;
import dev.javisor.vmm.machine.MachineSpec.Network;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/// A machine's virtio devices, made from its description; in the order of their PCI slots: console,
/// entropy, disks, network.
final class GuestDevices {
  /// How many requests of one disk are under way at the host.
  private static final int DISK_THREADS = 4;

  private final MachineSpec spec;
  private final Consumer<String> complaints;

  /// @param complaints takes a line for the person
  GuestDevices(MachineSpec spec, Consumer<String> complaints) {
    this.spec = spec;
    this.complaints = complaints;
  }

  /// @throws IOException if a disk or interface cannot be had: one line that says why
  List<VirtioDevice> make(ConsoleDevice console, LateMachine machine) throws IOException {
    List<VirtioDevice> devices = new ArrayList<>();
    try {
      devices.add(console);
      devices.add(new RngDevice("rng", new LinuxEntropy(), machine::fail));
      for (Disk disk : spec.disks()) {
        devices.add(disk(disk, devices.size() - 2, machine));
      }
      if (spec.network() instanceof Network.Tap tap) {
        devices.add(network(tap, machine));
      }
      return devices;
    } catch (IOException e) {
      devices.forEach(VirtioDevice::close);
      throw e;
    }
  }

  static ConsoleDevice console(
      List<ConsolePort> ports, PortListener listener, LateMachine machine) {
    return new ConsoleDevice("console", ports, listener, machine::fail);
  }

  private BlockDevice disk(Disk disk, int index, LateMachine machine) throws IOException {
    String name = "disk" + index;
    LinuxFile file = LinuxFile.open(disk.path(), disk.readOnly());
    RawImage image =
        new RawImage(file, disk.path().toString(), DISK_THREADS, complaints, machine::fail);
    return new BlockDevice(name, image, name, machine::fail);
  }

  private static NetDevice network(Network.Tap tap, LateMachine machine) throws IOException {
    TapPort port = TapPort.open(tap.name(), machine::fail);
    int mtu = tap.mtu() != 0 ? tap.mtu() : mtuOf(tap.name());
    return new NetDevice("net0", port, mac(tap.mac()), mtu, machine::fail);
  }

  private static int mtuOf(String name) {
    try {
      return Integer.parseInt(Files.readString(Path.of("/sys/class/net", name, "mtu")).strip());
    } catch (IOException | NumberFormatException e) {
      return 1500;
    }
  }

  private static byte[] mac(String text) {
    if (!text.isEmpty()) {
      return HexFormat.ofDelimiter(":").parseHex(text);
    }
    byte[] made = new byte[6];
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment random = scratch.allocate(made.length);
      new LinuxEntropy().fill(random);
      MemorySegment.copy(random, 0, MemorySegment.ofArray(made), 0, made.length);
    }
    made[0] = 0x02; // locally administered, one station's
    return made;
  }
}
