package dev.javisor.devices.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.fake.RecordingLine;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PowerTest {
  private final List<Ending> endings = new ArrayList<>();
  private final PowerRegisters registers = new PowerRegisters(endings::add);
  private final RecordingLine line = new RecordingLine();
  private final PowerButton button = new PowerButton(line);

  @Test
  void sleepTypeFiveWithEnablePowersOff() {
    registers.write(0, 1, 5 << 2);
    registers.write(0, 1, 3 << 2 | 1 << 5);
    registers.write(0, 4, 5 << 2 | 1 << 5);
    assertEquals(List.of(), endings);
    registers.write(0, 1, 5 << 2 | 1 << 5);
    assertEquals(List.of(new Ending.PowerOff()), endings);
  }

  @Test
  void resetValueReboots() {
    registers.write(2, 1, 0);
    registers.write(1, 1, 1);
    assertEquals(List.of(), endings);
    registers.write(2, 1, 1);
    assertEquals(List.of(new Ending.Reboot()), endings);
  }

  @Test
  void readingTheEventClearsIt() {
    assertEquals(0, button.read(0, 1));
    button.press();
    assertEquals(1, line.edges());
    assertEquals(1, button.read(0, 1));
    assertEquals(0, button.read(0, 1));
  }

  @Test
  void aPressSurvivesSaveAndLoad() {
    button.press();
    StateWriter saved = new StateWriter();
    button.save(saved);
    RecordingLine otherLine = new RecordingLine();
    PowerButton after = new PowerButton(otherLine);
    after.load(new StateReader(saved.toByteArray()));
    after.resume();
    assertEquals(1, otherLine.edges());
    assertEquals(1, after.read(0, 1));
  }
}
