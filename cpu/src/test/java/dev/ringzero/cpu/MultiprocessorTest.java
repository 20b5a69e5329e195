package dev.ringzero.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.x86.ExitReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MultiprocessorTest {
  private static final int PROCESSORS = 4;
  private static final int ROUNDS = 20_000;

  private final GuestFixture guest = new GuestFixture();
  private final ConcurrentLinkedQueue<ExitReason> ends = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    guest.close();
  }

  private List<VirtualCpu> runOnAll(long... starts) throws InterruptedException {
    List<VirtualCpu> processors = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int id = 0; id < PROCESSORS; id++) {
      VirtualCpu processor = guest.processor(id);
      processor.register(Register.RIP, starts[id % starts.length]);
      processor.register(Register.RDI, GuestFixture.DATA);
      processor.register(Register.RCX, ROUNDS);
      processors.add(processor);
      threads.add(new Thread(() -> ends.add(guest.runUntilExit(processor))));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(ends).hasSize(PROCESSORS).containsOnly(ExitReason.HLT);
    return processors;
  }

  @Test
  void lockedAdditionsOfAllProcessorsCount() throws InterruptedException {
    // l: lock inc qword [rdi]; mov eax,1; lock xadd [rdi+3ffeh],eax; dec rcx; jnz l; hlt
    guest.bytes(
        GuestFixture.CODE,
        "F0 48 FF 07  B8 01 00 00 00  F0 0F C1 87 FE 3F 00 00  48 FF C9  75 EA  F4");
    runOnAll(GuestFixture.CODE);
    assertThat(guest.memory.read64(GuestFixture.DATA)).isEqualTo((long) PROCESSORS * ROUNDS);
    assertThat(guest.memory.read32(GuestFixture.DATA + 0x3FFE)).isEqualTo(PROCESSORS * ROUNDS);
  }

  @Test
  void exchangesPassOneTokenAround() throws InterruptedException {
    // l: xor eax,eax; xchg [rdi],eax; test eax,eax; jz p; inc dword [rdi+64]; mov [rdi],eax;
    // dec rcx; jnz l; hlt; p: pause; jmp l
    guest.memory.write32(GuestFixture.DATA, 1);
    guest.bytes(
        GuestFixture.CODE,
        "31 C0  87 07  85 C0  74 0B  FF 47 40  89 07  48 FF C9  75 EE  F4  F3 90  EB E9");
    runOnAll(GuestFixture.CODE);
    assertThat(guest.memory.read32(GuestFixture.DATA + 64)).isEqualTo(PROCESSORS * ROUNDS);
  }

  @Test
  void codeThatAnotherProcessorWritesIsNeverRunStale() throws InterruptedException {
    // Writer: l: inc dword [patch+1]; dec rcx; jnz l; hlt
    long patch = GuestFixture.CODE + 0x1000;
    long writer = GuestFixture.CODE;
    long reader = GuestFixture.CODE + 0x2000;
    guest.bytes(patch, "B8 00 00 00 00 C3"); // mov eax,imm; ret
    guest.bytes(writer, "FF 05 FB 0F 00 00  48 FF C9  75 F5  F4");
    // Reader: l: call patch; cmp eax,ebx; jb bad; mov ebx,eax; dec rcx; jnz l; hlt; bad: ud2
    guest.bytes(reader, "E8 FB EF FF FF  39 D8  72 08  89 C3  48 FF C9  75 F0  F4  0F 0B");
    List<VirtualCpu> processors = runOnAll(writer, reader, reader, reader);
    processors.get(1).register(Register.RIP, reader);
    processors.get(1).register(Register.RCX, 1);
    assertThat(guest.runUntilExit(processors.get(1))).isEqualTo(ExitReason.HLT);
    assertThat(processors.get(1).register(Register.RAX)).isEqualTo(ROUNDS);
  }
}
