package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.x86.ExitReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Code that others change: another processor, a device, the same code at another address. */
class ModifiedCodeTest {
  private static final long FLAG = GuestFixture.DATA + 0x800;
  private static final long ALIAS = 0x4000_0000L; // 1 GiB: the second entry of the PDPT

  private final GuestFixture guest = new GuestFixture(true);

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  @AfterEach
  void close() {
    guest.close();
  }

  @Test
  void otherProcessorSeesNewCodeOnceItSeesThatItIsThere() throws InterruptedException {
    // The writer: for n = 1..: mov [code's immediate],n; mov [flag],n; wait until [flag+8] = n
    // l: mov [rsi],ecx; mov [rdi],ecx; w: pause; cmp [rdi+8],ecx; jne w; inc ecx; cmp ecx,edx;
    // jb l; hlt
    guest.bytes(
        GuestFixture.CODE + 0x1000,
        "89 0E  89 0F  F3 90  39 4F 08  75 F9  FF C1  39 D1  72 EF  F4");
    // The reader: w: pause; mov ecx,[rdi]; cmp ecx,ebx; je w; serialize, as the manual asks;
    // mov ebx,ecx; call f; sub eax,ebx;
    // add r8d,eax (differences); mov [rdi+8],ebx; cmp ebx,edx; jb w; hlt; f: mov eax,imm; ret
    guest.bytes(
        GuestFixture.CODE,
        "F3 90  8B 0F  39 D9  74 F8  0F 01 E8  89 CB  E8 10 00 00 00  29 D8  41 01 C0  89 5F 08"
            + "  39 D3  72 E2  F4  90 90 90  B8 00 00 00 00 C3");
    int function = 0x22;
    VirtualCpu writer = guest.processor(1);
    VirtualCpu reader = guest.processor(2);
    for (VirtualCpu cpu : new VirtualCpu[] {writer, reader}) {
      cpu.register(Register.RDI, FLAG);
      cpu.register(Register.RSI, GuestFixture.CODE + function + 1);
    }
    writer.register(Register.RIP, GuestFixture.CODE + 0x1000);
    writer.register(Register.RCX, 1);
    writer.register(Register.RDX, 400);
    reader.register(Register.RIP, GuestFixture.CODE);
    reader.register(Register.RBX, 0);
    reader.register(Register.R8, 0);
    reader.register(Register.RDX, 399);
    runAll(writer, reader);
    assertThat(reader.register(Register.RBX)).isEqualTo(399);
    assertThat(reader.register(Register.R8)).isZero();
  }

  private void runAll(VirtualCpu... processors) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    AtomicReference<ExitReason> wrong = new AtomicReference<>();
    for (VirtualCpu cpu : processors) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                ExitReason reason = guest.runUntilExit(cpu);
                if (reason != ExitReason.HLT) {
                  wrong.set(reason);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join(60_000);
    }
    processors[0].requestStop();
    processors[1].requestStop();
    assertThat(wrong.get()).isNull();
  }

  @Test
  void codeAtTwoAddressesIsOneCode() {
    guest.memory.write64(0x2008, 0x83); // the second gigabyte shows the first one's RAM
    guest.bytes(GuestFixture.CODE, "B8 01 00 00 00 F4"); // mov eax,1; hlt
    for (int n = 1; n < 4; n++) {
      guest.memory.write8(GuestFixture.CODE + 1, n);
      for (long base : new long[] {0, ALIAS}) {
        guest.set(Register.RAX, 0).set(Register.RIP, GuestFixture.CODE + base).toHalt();
        assertThat(guest.get(Register.RAX)).isEqualTo(n);
      }
    }
    // mov byte [rdi],7 at the one address, where RDI points to the next instruction at the other
    guest.bytes(GuestFixture.CODE, "C6 07 07  B0 01  F4");
    guest.set(Register.RDI, ALIAS + GuestFixture.CODE + 4);
    guest.set(Register.RIP, GuestFixture.CODE).toHalt();
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(7);
  }

  @Test
  void codeThatADeviceWritesIsNewAtOnce() {
    guest.bytes(GuestFixture.CODE, "B8 01 00 00 00 F4");
    for (int n = 1; n < 20; n++) {
      byte[] immediate = {(byte) n, 0, 0, 0};
      try (var slices = guest.memory.slices(GuestFixture.CODE, 4096, true)) {
        assertThat(slices.count()).isPositive();
      }
      guest.memory.write(GuestFixture.CODE + 1, immediate);
      guest.set(Register.RAX, 0).set(Register.RIP, GuestFixture.CODE).toHalt();
      assertThat(guest.get(Register.RAX)).isEqualTo(n);
    }
  }

  @Test
  void writerThatRunsOverItsOwnLoopSeesEachByte() {
    // l: inc dword [rip+1]; mov eax,0; dec ecx; jnz l
    guest.set(Register.RCX, 100);
    guest.run("FF 05 01 00 00 00  B8 00 00 00 00  FF C9  75 F1");
    assertThat(guest.get(Register.RAX)).isEqualTo(100);
  }
}
