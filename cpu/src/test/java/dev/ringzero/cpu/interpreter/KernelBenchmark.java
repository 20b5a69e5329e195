package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Prints guest instructions per second of processor time for small kernels; run by hand. */
public final class KernelBenchmark {
  private KernelBenchmark() {}

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private record Kernel(String name, String hex) {}

  private static final Kernel[] KERNELS = {
    // add rax,rdx; xor rdx,rcx; dec rcx; jnz
    new Kernel("registers", "48 01 D0  48 31 CA  48 FF C9  75 F5"),
    // mov rax,[rsi+rcx*8]; add rdx,rax; mov [rdi+rcx*8],rdx; and ecx.. ; dec rbx; jnz
    new Kernel("memory", "48 8B 04 CE  48 01 C2  48 89 14 CF  48 83 EB 01  75 EF"),
    // push rax; call f; pop rax; dec rcx; jnz ; jmp end ; f: lea rdx,[rax+rax*4]; cmp rdx,rax;
    // cmovb rdx,rax; ret
    new Kernel(
        "calls",
        "50  E8 08 00 00 00  58  48 FF C9  75 F4  EB 0C  48 8D 14 80  48 39 C2  48 0F 42 D0  C3"),
    // 32-bit hash: mov eax,[rsi]; imul eax,eax,31; rol eax,5; movzx edx,al; test edx,edx; je +2;
    // inc ebx... ; mov [rsi],eax; dec ecx; jnz
    new Kernel(
        "mixed", "8B 06  6B C0 1F  C1 C0 05  0F B6 D0  85 D2  74 02  FF C3  89 06  FF C9  75 E9"),
  };

  public static void main(String[] arguments) {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 6;
    for (int round = 0; round < rounds; round++) {
      for (boolean translator : new boolean[] {false, true}) {
        StringBuilder line = new StringBuilder(translator ? "translated:  " : "interpreted: ");
        for (Kernel kernel : KERNELS) {
          double millions = millionsPerSecond(kernel, translator);
          line.append(String.format("%s %.0f  ", kernel.name, millions));
        }
        System.out.println(line + "million rounds/s");
      }
    }
  }

  private static double millionsPerSecond(Kernel kernel, boolean translator) {
    try (GuestFixture guest = new GuestFixture(translator)) {
      long count = 20_000_000;
      guest.set(Register.RCX, kernel.name.equals("memory") ? 5 : count);
      guest.set(Register.RBX, count);
      guest.set(Register.RSI, GuestFixture.DATA).set(Register.RDI, GuestFixture.DATA + 0x8000);
      long start = System.nanoTime();
      guest.run(kernel.hex);
      return count * 1e3 / (System.nanoTime() - start);
    }
  }
}
