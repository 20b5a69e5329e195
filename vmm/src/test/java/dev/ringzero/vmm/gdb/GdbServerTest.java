package dev.ringzero.vmm.gdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The remote protocol, with a gdb made of sentences. */
final class GdbServerTest {
  private final FakeTarget target = new FakeTarget();
  private GdbServer server;
  private Socket socket;

  @BeforeEach
  void connect() throws IOException {
    server = new GdbServer(target, 0);
    server.start();
    socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(20_000);
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    server.close();
  }

  @Test
  void connectingStopsTheMachineAndDetachingLetsItRun() throws IOException {
    assertThat(ask("?")).isEqualTo("T02thread:1;");
    assertThat(ask("D")).isEqualTo("OK");
    assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    assertThat(target.log).containsSubsequence("interrupt", "detached");
  }

  @Test
  void registersAreReadAndWrittenByNumberInTargetOrder() throws IOException {
    target.registers.put(Register.RIP, 0xFFFF_FFFF_8100_0000L);
    assertThat(ask("p10")).isEqualTo("00000081ffffffff");
    assertThat(ask("P1=1122334455667788")).isEqualTo("OK");
    assertThat(target.registers.get(Register.RBX)).isEqualTo(0x8877_6655_4433_2211L);
    assertThat(ask("g")).startsWith("0000000000000000" + "1122334455667788");
  }

  @Test
  void memoryIsReadUpToTheFirstUnmappedByte() throws IOException {
    assertThat(ask("m1000,4")).isEqualTo("00010203");
    assertThat(ask("m10fe,4")).isEqualTo("feff");
    assertThat(ask("m5000,4")).isEqualTo("E01");
    assertThat(ask("M1002,2:aabb")).isEqualTo("OK");
    assertThat(ask("m1000,4")).isEqualTo("0001aabb");
  }

  @Test
  void breakpointsAndStepsReachTheTarget() throws IOException {
    assertThat(ask("Z0,ffffffff81000000,1")).isEqualTo("OK");
    assertThat(ask("vCont;c")).isEqualTo("T05thread:2;hwbreak:;");
    assertThat(ask("s")).isEqualTo("T05thread:2;");
    assertThat(ask("z0,ffffffff81000000,1")).isEqualTo("OK");
    assertThat(target.log)
        .containsSubsequence(
            "break ffffffff81000000", "resume", "step 1", "clear ffffffff81000000");
  }

  @Test
  void theDescriptionComesInPieces() throws IOException {
    String first = ask("qXfer:features:read:target.xml:0,20");
    assertThat(first).startsWith("m<?xml").hasSize(33);
    assertThat(ask("qXfer:features:read:target.xml:7fffffff,20")).isEqualTo("l");
  }

  @Test
  void nonsenseGetsAnErrorOrAnEmptyAnswer() throws IOException {
    assertThat(ask("m")).isEqualTo("E01");
    assertThat(ask("mzz,4")).isEqualTo("E01");
    assertThat(ask("pffffff")).isEmpty();
    assertThat(ask("Hg77")).isEqualTo("E01");
    assertThat(ask("m1000,ffffffffffffffff")).isEqualTo("E01");
    assertThat(ask("vCont;s:77")).isEqualTo("E01");
    assertThat(ask("?")).isEqualTo("T02thread:1;");
    assertThat(ask("jNobodyKnows")).isEmpty();
  }

  @Test
  void aDamagedPacketIsAskedForAgain() throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write("$?#00".getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    assertThat((char) socket.getInputStream().read()).isEqualTo('-');
    assertThat(ask("?")).isEqualTo("T02thread:1;");
  }

  private String ask(String packet) throws IOException {
    int sum = packet.chars().sum() & 0xFF;
    OutputStream out = socket.getOutputStream();
    out.write(String.format("$%s#%02x", packet, sum).getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    InputStream in = socket.getInputStream();
    assertThat((char) in.read()).isEqualTo('+');
    assertThat((char) in.read()).isEqualTo('$');
    StringBuilder answer = new StringBuilder();
    for (int c = in.read(); c != '#'; c = in.read()) {
      answer.append((char) c);
    }
    in.readNBytes(2);
    out.write('+');
    return answer.toString();
  }

  /** Two processors, one page of memory at 0x1000 that is 0x100 bytes long. */
  private static final class FakeTarget implements DebugTarget {
    final Map<Register, Long> registers = new EnumMap<>(Register.class);
    final List<String> log = new ArrayList<>();
    private final byte[] memory = new byte[0x100];

    FakeTarget() {
      for (int i = 0; i < memory.length; i++) {
        memory[i] = (byte) i;
      }
    }

    @Override
    public int cpuCount() {
      return 2;
    }

    @Override
    public VirtualCpu cpu(int id) {
      return (VirtualCpu)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {VirtualCpu.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "register" -> register(arguments);
                    case "segment" -> new SegmentState(0x10, 0, 0xFFFF_FFFFL, 0xA09B);
                    default -> throw new UnsupportedOperationException(method.getName());
                  });
    }

    private Long register(Object[] arguments) {
      return arguments.length == 1
          ? registers.getOrDefault((Register) arguments[0], 0L)
          : registers.put((Register) arguments[0], (Long) arguments[1]);
    }

    @Override
    public byte[] readMemory(int cpu, long gva, int lengthBytes) {
      long from = gva - 0x1000;
      if (from < 0 || from >= memory.length) {
        return new byte[0];
      }
      int length = (int) Math.min(lengthBytes, memory.length - from);
      return java.util.Arrays.copyOfRange(memory, (int) from, (int) from + length);
    }

    @Override
    public boolean writeMemory(int cpu, long gva, byte[] bytes) {
      System.arraycopy(bytes, 0, memory, (int) (gva - 0x1000), bytes.length);
      return true;
    }

    @Override
    public Stop resume() {
      log.add("resume");
      return new Stop(Reason.BREAKPOINT, 1);
    }

    @Override
    public Stop step(int cpu) {
      log.add("step " + cpu);
      return new Stop(Reason.STEP, cpu);
    }

    @Override
    public void interrupt() {
      log.add("interrupt");
    }

    @Override
    public void addBreakpoint(long gva) {
      log.add("break " + Long.toHexString(gva));
    }

    @Override
    public void removeBreakpoint(long gva) {
      log.add("clear " + Long.toHexString(gva));
    }

    @Override
    public void resumeDetached() {
      log.add("detached");
    }

    @Override
    public void kill() {
      log.add("kill");
    }
  }
}
