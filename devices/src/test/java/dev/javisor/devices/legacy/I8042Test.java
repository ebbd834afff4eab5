package dev.javisor.devices.legacy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class I8042Test {
  private final List<Ending> endings = new ArrayList<>();
  private final I8042 controller = new I8042(endings::add);
  private final Device data = controller.dataPort();
  private final Device command = controller.commandPort();

  private int answerTo(int commandByte) {
    command.write(0, 1, commandByte);
    assertEquals(1, command.read(0, 1) & 1, "an answer waits");
    int answer = (int) data.read(0, 1);
    assertEquals(0, command.read(0, 1) & 1, "taken");
    return answer;
  }

  @Test
  void commandFeResets() {
    assertEquals(0, command.read(0, 1) & 2, "Linux's kb_wait finds it ready");
    command.write(0, 1, 0xFE);
    assertEquals(List.of(new Ending.Reboot()), endings);
  }

  @Test
  void loweringTheResetLineOfTheOutputPortResets() {
    command.write(0, 1, 0xD1);
    data.write(0, 1, 0xDF);
    assertEquals(List.of(), endings);
    command.write(0, 1, 0xD1);
    data.write(0, 1, 0xDE);
    assertEquals(List.of(new Ending.Reboot()), endings);
  }

  @Test
  void pulsesOfOtherLinesDoNotReset() {
    command.write(0, 1, 0xFF);
    command.write(0, 1, 0xFD);
    assertEquals(List.of(), endings);
  }

  @Test
  void aProbeFindsItSaneAndItsPortsEmpty() {
    assertEquals(0x55, answerTo(0xAA));
    int control = answerTo(0x20);
    command.write(0, 1, 0x60);
    data.write(0, 1, control | 0x30);
    assertEquals(control | 0x30, answerTo(0x20));
    assertEquals(0, answerTo(0xAB));
    assertEquals(1, answerTo(0xA9), "no second port");
    data.write(0, 1, 0xFF); // reset to a keyboard that is not there
    assertEquals(0, command.read(0, 1) & 1);
  }

  @Test
  void wideAccessesAreNotItsOwn() {
    command.write(0, 2, 0xFE);
    assertEquals(0xFFFF, command.read(0, 2));
    assertEquals(List.of(), endings);
  }

  @Test
  void aFreshControllerGoesOnFromTheSavedState() {
    command.write(0, 1, 0xAA);
    StateWriter saved = new StateWriter();
    controller.save(saved);
    I8042 after = new I8042(endings::add);
    after.load(new StateReader(saved.toByteArray()));
    assertEquals(1, after.commandPort().read(0, 1) & 1);
    assertEquals(0x55, after.dataPort().read(0, 1));
  }
}
