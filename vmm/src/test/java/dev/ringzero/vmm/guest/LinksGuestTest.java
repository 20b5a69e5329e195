package dev.ringzero.vmm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.initramfs.DefaultInitramfs.Share;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.images.module.KernelModule;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.ShareConfiguration;
import dev.ringzero.vmm.machine.SocketConfiguration;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's stock kernel uses sockets and the virtio console through its own modules. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class LinksGuestTest {
  private static final String MARK = "end-of-the-commands";
  private static final int ECHOED_BYTES = 3 << 20;
  private static final String SCRIPT =
      """
      cd /mnt/tools
      ./vsock call 53 </dev/null 2>&1
      echo from the guest | ./vsock call 52
      ./vsock echo 1000
      stty -F /dev/hvc0 size
      echo shown >/dev/hvc0
      """;

  @Test
  void programsOfGuestAndHostTalkAndTheConsoleHasItsSize(@TempDir Path directory) throws Exception {
    Path tools = Files.createDirectory(directory.resolve("tools"));
    compile(tools.resolve("vsock"));
    Path socket = directory.resolve("v.sock");
    DefaultGuest guest = GuestFiles.orSkip();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Machine machine = new Machine(configuration(guest, tools, socket))) {
      server.bind(UnixDomainSocketAddress.of(socket + "_52"));
      machine.channel().addListener((bytes, length) -> output.write(bytes, 0, length));
      machine.console().addListener((bytes, length) -> shown.write(bytes, 0, length));
      machine.console().resize(33, 99);
      CompletableFuture<String> heard = CompletableFuture.supplyAsync(() -> answer(server));
      machine.start();
      assertThat(heard.get()).isEqualTo("from the guest\n");
      assertThatAnEchoComesBack(socket);
      machine.awaitEnd();
    }
    assertThat(output.toString(StandardCharsets.UTF_8).replace("\r", ""))
        .isEqualTo(
            "connect: Connection reset by peer\nfrom the host\n33 99\n\n%s 0\n".formatted(MARK));
    assertThat(shown.toString(StandardCharsets.UTF_8)).contains("shown\r\n");
    assertThat(socket).doesNotExist();
  }

  private static void compile(Path program) throws Exception {
    Path source = Path.of(LinksGuestTest.class.getResource("vsock.c").toURI());
    try {
      Process compiler =
          new ProcessBuilder("gcc", "-static", "-O1", "-o", program.toString(), source.toString())
              .redirectErrorStream(true)
              .start();
      String complaint = new String(compiler.getInputStream().readAllBytes());
      if (compiler.waitFor() != 0) {
        abort("skipped: gcc cannot make a static program here: " + complaint);
      }
    } catch (IOException e) {
      abort("skipped: there is no gcc here");
    }
  }

  /** Hears a caller out and answers. */
  private static String answer(ServerSocketChannel server) {
    try (SocketChannel caller = server.accept()) {
      byte[] heard = Channels.newInputStream(caller).readAllBytes();
      caller.write(ByteBuffer.wrap("from the host\n".getBytes()));
      return new String(heard, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void assertThatAnEchoComesBack(Path socket) throws Exception {
    byte[] sent = new byte[ECHOED_BYTES];
    new Random(1).nextBytes(sent);
    try (SocketChannel caller = call(socket)) {
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(() -> {
            try {
              Channels.newOutputStream(caller).write(sent);
              caller.shutdownOutput();
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
      assertThat(Channels.newInputStream(caller).readAllBytes()).isEqualTo(sent);
      sending.get();
    }
  }

  /** Calls until the program of the guest listens. */
  private static SocketChannel call(Path socket) throws Exception {
    while (true) {
      SocketChannel caller = SocketChannel.open(UnixDomainSocketAddress.of(socket));
      caller.write(ByteBuffer.wrap("CONNECT 1000\n".getBytes()));
      String answer = line(caller);
      if (answer.startsWith("OK ")) {
        return caller;
      }
      caller.close();
      Thread.sleep(50);
    }
  }

  private static String line(SocketChannel caller) throws IOException {
    StringBuilder line = new StringBuilder();
    ByteBuffer one = ByteBuffer.allocate(1);
    while (caller.read(one.clear()) == 1 && one.get(0) != '\n') {
      line.append((char) one.get(0));
    }
    return line.toString();
  }

  private static MachineConfiguration configuration(DefaultGuest guest, Path tools, Path socket)
      throws IOException {
    ImageCache cache = ImageCache.ofUser();
    List<KernelModule> modules =
        GuestFiles.modules(
            List.of("virtio_pci", "virtiofs", "virtio_console", "vmw_vsock_virtio_transport"));
    byte[] initrd =
        new DefaultInitramfs(
                "guest",
                Optional.empty(),
                Optional.of(new GuestCommand(SCRIPT, MARK)),
                modules,
                List.of(new Share("share0", "/mnt/tools", true)))
            .build(Files.readAllBytes(guest.busybox()));
    return new MachineConfiguration(
        "guest",
        512L << 20,
        2,
        new KernelFiles(cache, Progress.SILENT).open(guest.kernel()),
        Optional.of(initrd),
        "console=ttyS0 panic=-1 quiet",
        List.of(),
        List.of(),
        new HostLinks(
            List.of(new ShareConfiguration(tools, "/mnt/tools", true)),
            Optional.of(new SocketConfiguration(Optional.of(socket), 3)),
            ConsoleKind.VIRTIO),
        EngineConfiguration.Software.FASTEST);
  }
}
