package dev.ringzero.cli.serve;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.registry.KeptRun;
import dev.ringzero.control.registry.UserData;
import dev.ringzero.serve.ApiServer;
import dev.ringzero.serve.ApiServer.Listen;
import dev.ringzero.serve.access.Token;
import dev.ringzero.serve.http.Limits;
import dev.ringzero.serve.resource.Backend;
import dev.ringzero.serve.resource.FileStores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz serve}. */
public final class ServeCommand implements Command {
  private static final Pattern ADDRESS =
      Pattern.compile("(127\\.0\\.0\\.1|\\[::1]|localhost):(\\d{1,5})");
  private static final int HIGHEST_PORT = 65535;

  /** What the HTTP library logs nobody asked for. */
  private static final String LOGGING = "slf4j.internal.verbosity";

  @Override
  public String name() {
    return "serve";
  }

  @Override
  public String summary() {
    return "serve the API: machines, snapshots, networks, events, consoles, metrics";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("listen", "ADDRESS:PORT", "on TCP too, to who has the token: 127.0.0.1:7070")
        .value("store", "FOLDER", "whose files requests may name; several times for several")
        .flag("token", "show the token, make it where it is missing, and end")
        .options();
  }

  @Override
  public String notes() {
    return """

    Without --listen it serves on a Unix socket alone, which only you can open:
      curl --unix-socket $XDG_RUNTIME_DIR/ringzero/api/api.sock http://rz/v1/vms
    On TCP, which is for this computer's own addresses only, each request needs the token that is
    made at the first start:
      curl -H "Authorization: Bearer $(rz serve --token)" http://127.0.0.1:7070/v1/vms
    Disks, kernels and shares that requests name lie in a --store (~/.local/share/ringzero/files).
    Machines are processes of their own: they go on when this one ends or is killed, and the next
    one finds them. GET /v1/openapi.yaml is the description; docs/guide/api.md has examples.
    """;
  }

  @Override
  public int run(CommandLine line) throws Exception {
    Path tokenFile = UserData.directory().resolve("api").resolve("token");
    if (line.hasOption("token")) {
      System.out.println(token(tokenFile).text());
      return ExitStatus.OK;
    }
    System.setProperty(LOGGING, "ERROR");
    Optional<InetSocketAddress> address =
        Optional.ofNullable(line.getOptionValue("listen")).map(ServeCommand::address);
    Optional<Listen> listen = Optional.empty();
    if (address.isPresent()) {
      listen = Optional.of(new Listen(address.get(), token(tokenFile)));
    }
    Backend backend = Backend.ofUser(KeptRun::check, stores(line));
    try (ServingPlace place = ServingPlace.take();
        ApiServer server = start(backend, place, listen)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server)));
      System.err.println("rz: serves at " + place.socket());
      if (listen.isPresent()) {
        System.err.printf(
            "rz: serves at http://%s:%d to who has the token in %s%n",
            listen.get().address().getHostString(), server.port(), tokenFile);
      }
      server.await();
    }
    return ExitStatus.OK;
  }

  private static ApiServer start(Backend backend, ServingPlace place, Optional<Listen> listen)
      throws Exception {
    try {
      return new ApiServer(backend, place.socket(), listen, Limits.USUAL);
    } catch (IOException e) {
      Throwable why = e.getCause() == null ? e : e.getCause();
      throw new UsageException("cannot serve: " + e.getMessage() + ": " + why.getMessage());
    }
  }

  private static void close(ApiServer server) {
    try {
      server.close();
    } catch (IOException e) {
      System.err.println("rz: " + e.getMessage());
    }
  }

  private static Token token(Path file) {
    try {
      Files.createDirectories(
          file.getParent(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return Token.in(file);
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static InetSocketAddress address(String text) {
    Matcher matcher = ADDRESS.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > HIGHEST_PORT) {
      throw new UsageException(
          "--listen takes an address of this computer's own, such as 127.0.0.1:7070, not "
              + text
              + "; others come in through a proxy of yours, with TLS");
    }
    String host = matcher.group(1);
    return new InetSocketAddress(
        host.startsWith("[") ? InetAddress.ofLiteral("::1") : InetAddress.ofLiteral("127.0.0.1"),
        Integer.parseInt(matcher.group(2)));
  }

  private static FileStores stores(CommandLine line) {
    String[] said = line.getOptionValues("store");
    Path usual = UserData.directory().resolve("files");
    List<Path> folders = said == null ? List.of(usual) : Stream.of(said).map(Path::of).toList();
    try {
      if (said == null) {
        Files.createDirectories(
            usual,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return new FileStores(folders);
    } catch (IOException e) {
      throw new UsageException("--store takes a folder: " + e.getMessage() + " is none");
    }
  }
}
