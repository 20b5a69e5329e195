package dev.ringzero.serve;

import dev.ringzero.serve.access.AccessPolicy;
import dev.ringzero.serve.access.Token;
import dev.ringzero.serve.description.ApiDescription;
import dev.ringzero.serve.http.ApiHandler;
import dev.ringzero.serve.http.ApiHandler.Action;
import dev.ringzero.serve.http.ApiResponse;
import dev.ringzero.serve.http.ArrivalDeadline;
import dev.ringzero.serve.http.Limits;
import dev.ringzero.serve.http.Problem;
import dev.ringzero.serve.http.ProblemPage;
import dev.ringzero.serve.metrics.MachineMetrics;
import dev.ringzero.serve.metrics.RequestMetrics;
import dev.ringzero.serve.resource.Backend;
import dev.ringzero.serve.resource.Machines;
import dev.ringzero.serve.resource.Resources;
import dev.ringzero.serve.stream.EventFeed;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/**
 * Serves the API on a Unix socket, and on TCP to who has the token. It runs no guest: those are in
 * processes of their own, which go on when this one ends.
 */
public final class ApiServer implements AutoCloseable {
  private static final Duration STATISTICS_LIMIT = Duration.ofSeconds(2);
  private static final int LONGEST_MESSAGE_BYTES = 1 << 16;
  private static final int HEAD_BYTES = 8 << 10;

  private final Server server;
  private final ServerConnector tcp;
  private final ArrivalDeadline arrivals;
  private final EventFeed feed;

  /**
   * Where to listen on TCP.
   *
   * @param address of this computer's loopback; port 0 for one that is free
   */
  public record Listen(InetSocketAddress address, Token token) {}

  /**
   * Starts to serve.
   *
   * @param socket where the Unix socket is to be; only the user may enter its folder
   */
  public ApiServer(Backend backend, Path socket, Optional<Listen> listen, Limits limits)
      throws Exception {
    server = new Server(new VirtualThreadPool());
    arrivals = new ArrivalDeadline(limits.arrival());
    Machines machines = new Machines(backend);
    feed = new EventFeed(machines::list);
    Map<Connector, AccessPolicy> access = new ConcurrentHashMap<>();
    UnixDomainServerConnector unix = new UnixDomainServerConnector(server, http());
    unix.setUnixDomainPath(socket);
    access.put(unix, AccessPolicy.unixSocket());
    add(unix, limits);
    tcp = new ServerConnector(server, http());
    if (listen.isPresent()) {
      tcp.setHost(listen.get().address().getAddress().getHostAddress());
      tcp.setPort(listen.get().address().getPort());
      tcp.open();
      access.put(tcp, AccessPolicy.loopback(tcp.getLocalPort(), listen.get().token()));
      add(tcp, limits);
    }
    server.addBean(new NetworkConnectionLimit(limits.connections(), server));
    server.setErrorHandler(new ProblemPage());
    ServerWebSocketContainer sockets = ServerWebSocketContainer.ensure(server);
    sockets.setIdleTimeout(Duration.ZERO);
    sockets.setMaxBinaryMessageSize(LONGEST_MESSAGE_BYTES);
    sockets.setMaxTextMessageSize(LONGEST_MESSAGE_BYTES);
    sockets.setMaxFrameSize(LONGEST_MESSAGE_BYTES);
    server.setHandler(handler(backend, machines, access, limits));
    try {
      server.start();
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  private void add(org.eclipse.jetty.server.AbstractConnector connector, Limits limits) {
    connector.setIdleTimeout(limits.arrival().toMillis());
    connector.addBean(arrivals);
    server.addConnector(connector);
  }

  private static HttpConnectionFactory http() {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(HEAD_BYTES);
    return new HttpConnectionFactory(http);
  }

  private ApiHandler handler(
      Backend backend, Machines machines, Map<Connector, AccessPolicy> access, Limits limits) {
    ApiDescription description = ApiDescription.builtIn();
    PrometheusRegistry registry = new PrometheusRegistry();
    MachineMetrics metrics =
        new MachineMetrics(registry, machines::list, name -> statistics(machines, name));
    Resources resources = new Resources(backend, machines, description);
    Map<String, Action> actions = new LinkedHashMap<>(resources.actions());
    actions.put(
        "getMetrics",
        request -> ApiResponse.of(PrometheusTextFormatWriter.CONTENT_TYPE, metrics.text()));
    return new ApiHandler(
        description,
        actions,
        resources.sockets(feed),
        resources.streams(),
        access::get,
        arrivals,
        limits,
        new RequestMetrics(registry));
  }

  private static Map<String, Object> statistics(Machines machines, String name) {
    try {
      return machines.statistics(name, STATISTICS_LIMIT);
    } catch (Problem e) {
      return Map.of();
    }
  }

  /** The port on TCP. */
  public int port() {
    return tcp.getLocalPort();
  }

  /** Waits until the server has ended. */
  public void await() throws InterruptedException {
    server.join();
  }

  @Override
  public void close() throws IOException {
    feed.close();
    arrivals.close();
    try {
      server.stop();
    } catch (Exception e) {
      throw new IOException("the server did not end: " + e.getMessage(), e);
    }
  }
}
