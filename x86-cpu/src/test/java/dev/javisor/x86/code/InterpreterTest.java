package dev.javisor.x86.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.mmu.Paging;
import dev.javisor.x86.mmu.PhysicalMemory;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Processors;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.ModeKey;
import dev.javisor.x86.system.Segments;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

final class InterpreterTest {
  private static final int RAM_BYTES = 0x1000;

  private final MemorySegment ram = MemorySegment.ofArray(new long[RAM_BYTES / 8]);
  private final CodeCache cache = new CodeCache(RAM_BYTES, new Processors());
  private final Cpu[] kicked = new Cpu[1];

  /// Somebody kicks whenever memory is looked at.
  private PhysicalMemory kicking() {
    PlainRam plain = new PlainRam(ram, cache);
    return (PhysicalMemory)
        Proxy.newProxyInstance(
            PhysicalMemory.class.getClassLoader(),
            new Class<?>[] {PhysicalMemory.class},
            (_, method, arguments) -> {
              kicked[0].kick();
              return method.invoke(plain, arguments);
            });
  }

  @Test
  void oneInstructionRunsThoughSomebodyKicks() {
    Paging paging = new Paging(kicking());
    Cpu cpu = new Cpu(ram, paging, new NoPlatform());
    kicked[0] = cpu;
    Segments.put(cpu, Instruction.CS, 8, 0, 0xFFFF_FFFFL, 0xC09B);
    cpu.set(Slots.CR0, 1);
    ModeKey.update(cpu);
    ram.set(ValueLayout.JAVA_BYTE, 0x100, (byte) 0x40); // INC EAX
    cpu.set(Slots.RIP, 0x100);
    Interpreter interpreter = new Interpreter(cpu, paging, cache, new OpExecutor());
    assertEquals(Interpreter.Stop.ATTENTION, interpreter.runOne());
    assertTrue(cpu.isKicked());
    assertEquals(1, cpu.gpr(Cpu.RAX));
    assertEquals(0x101, cpu.get(Slots.RIP));
  }
}
