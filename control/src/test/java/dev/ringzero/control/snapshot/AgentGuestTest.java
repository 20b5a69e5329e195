package dev.ringzero.control.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.control.agent.AgentCommand;
import dev.ringzero.control.agent.AgentCommand.Window;
import dev.ringzero.control.run.GuestPreparation;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.run.RunRequest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import dev.ringzero.vmm.schedule.VcpuTime;
import dev.ringzero.vmm.vsock.GuestSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Commands by the agent in a real guest, and in copies of it. */
@Timeout(600)
@TestInstance(Lifecycle.PER_CLASS)
class AgentGuestTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int MUCH = 1_000_003;

  /** Less than a boot takes anywhere. */
  private static final long SOME_NANOS = 100_000_000;

  private GuestRun guest;

  /** How a command ended, what it printed and what it complained. */
  private record Ended(int status, byte[] output, String errors) {
    String text() {
      return new String(output);
    }
  }

  @BeforeAll
  void boot() {
    guest = made();
    guest.start(PhysicalCpus.host());
  }

  private static GuestRun made() {
    RunRequest request =
        new RunRequest(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            256L << 20,
            2,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            HostLinks.NONE,
            EngineConfiguration.Software.FASTEST);
    try {
      return new GuestRun(
          new GuestPreparation(ImageCache.ofUser(), Progress.SILENT)
              .prepare(request, "test")
              .machine());
    } catch (ImageException e) {
      return abort("skipped: the default guest cannot be fetched here: " + e.getMessage());
    }
  }

  @AfterAll
  void close() {
    if (guest != null) {
      guest.close();
    }
  }

  private static Ended run(GuestRun in, String text, byte[] input, Optional<Window> terminal)
      throws IOException, InterruptedException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    try (GuestSocket socket = in.agent().call(LIMIT).orElseThrow()) {
      AgentCommand.request(socket.output(), text, terminal);
      AgentCommand command = new AgentCommand(socket.input(), socket.output());
      Thread.ofVirtual()
          .start(() -> {
            try {
              command.input(input, 0, input.length);
              command.endInput();
            } catch (IOException e) {
              // The command took no more.
            }
          });
      int status =
          command.await(
              new AgentCommand.Listener() {
                @Override
                public void output(byte[] bytes, int lengthBytes) {
                  output.write(bytes, 0, lengthBytes);
                }

                @Override
                public void error(byte[] bytes, int lengthBytes) {
                  errors.write(bytes, 0, lengthBytes);
                }
              });
      return new Ended(status, output.toByteArray(), errors.toString());
    }
  }

  private Ended run(String text) throws IOException, InterruptedException {
    return run(guest, text, new byte[0], Optional.empty());
  }

  @Test
  void outputErrorsAndStatusAreApart() throws Exception {
    Ended ended = run("echo out; echo err >&2; exit 3");
    assertThat(ended.status()).isEqualTo(3);
    assertThat(ended.text()).isEqualTo("out\n");
    assertThat(ended.errors()).isEqualTo("err\n");
    assertThat(run("kill -9 $$").status()).isEqualTo(137);
    assertThat(run("/bin/nothing").status()).isEqualTo(127);
    assertThat(run("echo x >/dev/stderr").errors()).isEqualTo("x\n");
  }

  @Test
  void anyBytesGoThereAndBack() throws Exception {
    byte[] bytes = new byte[MUCH];
    new Random(1).nextBytes(bytes);
    Ended ended = run(guest, "cat", bytes, Optional.empty());
    assertThat(ended.output()).isEqualTo(bytes);
    assertThat(ended.status()).isZero();
  }

  @Test
  void inputThatACommandDoesNotReadHoldsNothingBack() throws Exception {
    Ended ended = run(guest, "head -c 1000000 /dev/zero", new byte[MUCH], Optional.empty());
    assertThat(ended.output()).hasSize(1_000_000);
  }

  @Test
  void whatWasLeftRunningIsNotWaitedFor() throws Exception {
    assertThat(run("sleep 1000 & echo left").text()).isEqualTo("left\n");
    assertThat(run("yes & echo; exit 5").status()).isEqualTo(5);
    run("killall yes sleep");
  }

  @Test
  void aCommandMayHaveATerminalOfSomeSize() throws Exception {
    Ended ended =
        run(guest, "stty size; tty; echo err >&2", new byte[0], Optional.of(new Window(33, 99)));
    assertThat(ended.text()).matches("33 99\r\n/dev/pts/\\d+\r\nerr\r\n");
    assertThat(run("tty").text()).isEqualTo("not a tty\n");
  }

  @Test
  void severalCommandsRunAtOnce() throws Exception {
    run("rm -f /tmp/meet; mkfifo /tmp/meet");
    List<CompletableFuture<Ended>> both = new ArrayList<>();
    for (String command : List.of("cat /tmp/meet", "echo met >/tmp/meet")) {
      // The common pool may have one thread, and the first waits for the second.
      both.add(CompletableFuture.supplyAsync(() -> ended(command), Thread::startVirtualThread));
    }
    assertThat(both.getFirst().get().text()).isEqualTo("met\n");
    assertThat(both.getLast().get().status()).isZero();
  }

  private Ended ended(String command) {
    try {
      return run(command);
    } catch (IOException | InterruptedException e) {
      throw new CompletionException(e);
    }
  }

  @Test
  void aCommandWhoseCallerLeavesIsHungUp() throws Exception {
    GuestSocket socket = guest.agent().call(LIMIT).orElseThrow();
    // The shell tells of sleep's end, which would be its own: nobody reads that.
    String waiting =
        "exec 2>/dev/null; trap 'echo hup >/tmp/hup; exit' HUP; >/tmp/waits;"
            + " while :; do sleep 1; done";
    AgentCommand.request(socket.output(), waiting, Optional.empty());
    run("until [ -e /tmp/waits ]; do usleep 10000; done");
    socket.close();
    assertThat(run("until [ -s /tmp/hup ]; do usleep 10000; done; cat /tmp/hup").text())
        .isEqualTo("hup\n");
  }

  @Test
  void copiesHaveAnAgentThatAnswers() throws Exception {
    run("echo original >/tmp/who");
    List<GuestRun> copies = new ArrayList<>();
    try (Fork fork = Fork.of(guest)) {
      copies.add(fork.make("copy0"));
      copies.add(fork.make("copy1"));
    }
    try {
      copies.forEach(copy -> copy.start(PhysicalCpus.host()));
      for (GuestRun copy : copies) {
        Ended ended = run(copy, "cat /tmp/who", new byte[0], Optional.empty());
        assertThat(ended.text()).isEqualTo("original\n");
      }
      assertThat(run("cat /tmp/who").text()).isEqualTo("original\n");
    } finally {
      copies.forEach(GuestRun::close);
    }
  }

  private static long ranNanos(GuestRun run) {
    return run.machine().times().stream().mapToLong(VcpuTime::ranNanos).sum();
  }

  @Test
  void aCopyMadeBeforeTheGuestHasBootedAnswersWhenItHas() throws Exception {
    List<GuestRun> copies = new ArrayList<>();
    try (GuestRun young = made()) {
      young.start(PhysicalCpus.host());
      while (ranNanos(young) < SOME_NANOS) {
        Thread.onSpinWait();
      }
      try (Fork fork = Fork.of(young)) {
        copies.add(fork.make("early"));
      }
      copies.forEach(copy -> copy.start(PhysicalCpus.host()));
      assertThat(copies.getFirst().hasShell()).isFalse();
      assertThat(run(copies.getFirst(), "echo here", new byte[0], Optional.empty()).text())
          .isEqualTo("here\n");
    } finally {
      copies.forEach(GuestRun::close);
    }
  }
}
