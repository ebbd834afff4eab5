package dev.javisor.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.machine.MachineSpec;
import dev.javisor.vmm.machine.MachineSpec.Accel;
import dev.javisor.vmm.machine.MachineSpec.ConsoleKind;
import dev.javisor.vmm.machine.MachineSpec.Disk;
import dev.javisor.vmm.machine.MachineSpec.Network;
import dev.javisor.vmm.machine.MachineSpec.OnReboot;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecJsonTest {
  private static final MachineSpec DEFAULTS =
      new MachineSpec(
          "javisor",
          null,
          "linux-image",
          null,
          "",
          1,
          512L << 20,
          List.of(),
          new Network.None(),
          ConsoleKind.VIRTIO,
          Accel.AUTO,
          OnReboot.EXIT,
          0,
          List.of());

  private static final MachineSpec OTHER =
      new MachineSpec(
          "other",
          Path.of("/boot/vmlinuz"),
          "linux-image-6.12",
          Path.of("initrd.img"),
          "a=\"b c\"",
          4,
          3L << 30,
          List.of(new Disk(Path.of("a b.img"), false), new Disk(Path.of("/dev/sdb"), true)),
          new Network.Tap("tap0", "02:00:00:00:00:01", 1400),
          ConsoleKind.SERIAL,
          Accel.KVM,
          OnReboot.RESTART,
          30,
          List.of("sh", "-c", "echo 'ü'\n"));

  @Test
  void whatIsWrittenIsReadBackEqual() {
    assertEquals(DEFAULTS, SpecJson.read(SpecJson.write(DEFAULTS), OTHER));
    assertEquals(OTHER, SpecJson.read(SpecJson.write(OTHER), DEFAULTS));
  }

  @Test
  void absentKeysKeepTheDefaults() {
    assertEquals(OTHER, SpecJson.read("{}", OTHER));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"cpu\":2}|unknown key 'cpu'",
        "{\"disks\":[{\"path\":\"x\",\"ro\":true}]}|unknown key 'disks.ro'",
        "{\"disks\":[{}]}|a disk without a path",
        "{\"cpus\":\"2\"}|key 'cpus' must be a whole number",
        "{\"cpus\":0}|cpus: 0, must be 1 to 255",
        "{\"memory\":\"1M\"}|at least 64M",
        "{\"memory\":\"lots\"}|no amount of memory",
        "{\"accel\":\"xen\"}|key 'accel' must be auto or kvm",
        "{\"network\":\"bridge\"}|say none or tap=NAME",
        "{\"network\":\"tap=t,mac=zz\"}|is no address",
        "{\"network\":\"tap=t,mtu=1\"}|must be 68 to 65535",
        "{\"command\":\"ls\"}|key 'command' must be a list of strings",
        "[]|not a JSON object",
        "{\"cpus\":|not JSON: line 1",
      })
  void whatIsWrongIsNamed(String json, String expected) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> SpecJson.read(json, DEFAULTS));
    assertTrue(
        String.valueOf(refused.getMessage()).contains(expected),
        String.valueOf(refused.getMessage()));
  }
}
