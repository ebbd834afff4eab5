package dev.javisor.testkit.asm;

import static dev.javisor.testkit.asm.Register.R12;
import static dev.javisor.testkit.asm.Register.R13;
import static dev.javisor.testkit.asm.Register.R8;
import static dev.javisor.testkit.asm.Register.R9;
import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RSI;
import static dev.javisor.testkit.asm.Register.RSP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What binutils' disassembler makes of the bytes.
class AssemblerTest {
  @TempDir private Path dir;

  private List<String> disassemble(Assembler<?> code, String machine)
      throws IOException, InterruptedException {
    Path file = Files.write(dir.resolve("code"), code.assemble());
    Process objdump =
        new ProcessBuilder(
                "objdump",
                "-D",
                "-bbinary",
                "-m" + machine,
                "-Mintel",
                "--no-show-raw-insn",
                "--adjust-vma=" + code.origin(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(objdump.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertEquals(0, objdump.waitFor(), said);
    return said.lines()
        .filter(line -> line.startsWith(" ") && line.contains(":\t"))
        .map(line -> line.substring(line.indexOf('\t') + 1).strip().replaceAll("\\s+", " "))
        .toList();
  }

  @Test
  void longModeIsWhatItsNamesSay() throws IOException, InterruptedException {
    LongMode code =
        new LongMode(0x1000)
            .mov(R9, 0x1122334455667788L)
            .mov(RBX, R8)
            .add(R13, RAX)
            .xor(RAX, RAX)
            .test(RCX, R12)
            .imul(R9, R8)
            .inc(R12)
            .dec(RCX)
            .store(1, RBX, 16, RSI)
            .store(2, RBX, 16, RCX)
            .store(4, R9, -8, RCX)
            .store(8, RBX, 0, R8)
            .load(1, RCX, RBX, 1)
            .load(2, R8, RBX, 1)
            .load(4, RCX, R13, 1)
            .load(8, R8, RBX, 1)
            .outEax(0x10)
            .inEax(0x10)
            .outDx(2)
            .lidt(RBX)
            .rdtsc()
            .wrmsr()
            .movqXmm0Rax()
            .movqRaxXmm0()
            .paddqXmm0Xmm0()
            .storeXmm0(RBX, 4)
            .pause()
            .iretq();
    List<String> expected =
        List.of(
            "movabs r9,0x1122334455667788",
            "mov rbx,r8",
            "add r13,rax",
            "xor rax,rax",
            "test rcx,r12",
            "imul r9,r8",
            "inc r12",
            "dec rcx",
            "mov BYTE PTR [rbx+0x10],sil",
            "mov WORD PTR [rbx+0x10],cx",
            "mov DWORD PTR [r9-0x8],ecx",
            "mov QWORD PTR [rbx+0x0],r8",
            "movzx ecx,BYTE PTR [rbx+0x1]",
            "movzx r8d,WORD PTR [rbx+0x1]",
            "mov ecx,DWORD PTR [r13+0x1]",
            "mov r8,QWORD PTR [rbx+0x1]",
            "out 0x10,eax",
            "in eax,0x10",
            "out dx,ax",
            "lidt [rbx+0x0]",
            "rdtsc",
            "wrmsr",
            "movq xmm0,rax",
            "movq rax,xmm0",
            "paddq xmm0,xmm0",
            "movups XMMWORD PTR [rbx+0x4],xmm0",
            "pause",
            "iretq");
    List<String> read =
        disassemble(code, "i386:x86-64").stream()
            .map(line -> line.replaceAll("^(rex|ds|data16)( |\\.[A-Z]* )", ""))
            .toList();
    assertEquals(String.join("\n", expected), String.join("\n", read));
  }

  @Test
  void realModeIsWhatItsNamesSay() throws IOException, InterruptedException {
    RealMode code =
        new RealMode(0x1000)
            .label("start")
            .movAx(0x1234)
            .movEax(0x12345678)
            .movCx(1)
            .movDx(2)
            .movSp(3)
            .movSi(4)
            .movDi(5)
            .movAxCs()
            .loadAl(0x5000)
            .storeAl(0x6000)
            .movAl(7)
            .incAl()
            .outAl(0x10)
            .inAl(0x11)
            .outDxAl()
            .outDxAx()
            .outDxEax()
            .inAlDx()
            .inAxDx()
            .inEaxDx()
            .jnz("start")
            .jz("end")
            .jmp("start")
            .label("end")
            .sti()
            .hlt()
            .cli()
            .cld()
            .iret();
    List<String> expected =
        List.of(
            "mov ax,0x1234",
            "mov eax,0x12345678",
            "mov cx,0x1",
            "mov dx,0x2",
            "mov sp,0x3",
            "mov si,0x4",
            "mov di,0x5",
            "mov ax,cs",
            "mov al,ds:0x5000",
            "mov ds:0x6000,al",
            "mov al,0x7",
            "inc al",
            "out 0x10,al",
            "in al,0x11",
            "out dx,al",
            "out dx,ax",
            "out dx,eax",
            "in al,dx",
            "in ax,dx",
            "in eax,dx",
            "jne 0x1000",
            "je 0x%x".formatted(code.addressOf("end")),
            "jmp 0x1000",
            "sti",
            "hlt",
            "cli",
            "cld",
            "iret");
    assertEquals(String.join("\n", expected), String.join("\n", disassemble(code, "i8086")));
  }

  @Test
  void stringInstructionsHaveTheirPrefixes() throws IOException, InterruptedException {
    RealMode code = new RealMode(0).repInsb().repInsw().repInsd().repOutsb().repOutsw().repOutsd();
    List<String> expected =
        List.of(
            "rep ins BYTE PTR es:[di],dx",
            "rep ins WORD PTR es:[di],dx",
            "rep ins DWORD PTR es:[di],dx",
            "rep outs dx,BYTE PTR ds:[si]",
            "rep outs dx,WORD PTR ds:[si]",
            "rep outs dx,DWORD PTR ds:[si]");
    assertEquals(String.join("\n", expected), String.join("\n", disassemble(code, "i8086")));
  }

  @Test
  void whatCannotBeEncodedIsRefused() {
    LongMode code = new LongMode(0);
    assertThrows(IllegalArgumentException.class, () -> code.load(1, RAX, RSP, 0));
    assertThrows(IllegalArgumentException.class, () -> code.load(1, RAX, R12, 0));
    assertThrows(IllegalArgumentException.class, () -> code.label("a").label("a"));
    assertThrows(IllegalArgumentException.class, () -> new LongMode(0).jmp("none").assemble());
  }
}
