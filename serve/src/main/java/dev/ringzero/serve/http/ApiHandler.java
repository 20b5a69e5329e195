package dev.ringzero.serve.http;

import dev.ringzero.control.registry.RegistryException;
import dev.ringzero.serve.access.AccessPolicy;
import dev.ringzero.serve.description.ApiDescription;
import dev.ringzero.serve.description.ApiDescription.Match;
import dev.ringzero.serve.description.Operation;
import dev.ringzero.serve.description.Operation.Parameter;
import dev.ringzero.serve.description.SchemaCheck;
import dev.ringzero.serve.metrics.RequestMetrics;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/** Leads each request to its operation, once it may be answered and is as the description says. */
public final class ApiHandler extends Handler.Abstract {
  /** What an operation does. */
  @FunctionalInterface
  public interface Action {
    ApiResponse call(ApiRequest request) throws Exception;
  }

  /** What follows a WebSocket; a refusal is thrown before the connection becomes one. */
  @FunctionalInterface
  public interface SocketAction {
    Object open(ApiRequest request) throws Exception;
  }

  /** What reads the body that comes with a request, or writes the answer, as a stream of bytes. */
  @FunctionalInterface
  public interface StreamAction {
    /**
     * Does it.
     *
     * @param answer begins an answer of bytes, behind which nothing can be refused any more
     * @return empty where an answer was begun
     */
    Optional<ApiResponse> call(ApiRequest request, InputStream body, Supplier<OutputStream> answer)
        throws Exception;
  }

  private static final String OCTETS = "application/octet-stream";
  private static final String PROTOCOL = "rz.v1";

  private final ApiDescription description;
  private final SchemaCheck check;
  private final Map<String, Action> actions;
  private final Map<String, SocketAction> sockets;
  private final Map<String, StreamAction> streams;
  private final Function<Connector, AccessPolicy> access;
  private final ArrivalDeadline arrivals;
  private final RequestBody bodies;
  private final Semaphore requests;
  private final Limits limits;
  private final RequestMetrics metrics;

  /**
   * Makes the handler.
   *
   * @param actions by operation
   * @param sockets by operation
   * @param streams by operation
   * @param access who may ask at a connector
   * @throws IllegalArgumentException if the description has others than these
   */
  public ApiHandler(
      ApiDescription description,
      Map<String, Action> actions,
      Map<String, SocketAction> sockets,
      Map<String, StreamAction> streams,
      Function<Connector, AccessPolicy> access,
      ArrivalDeadline arrivals,
      Limits limits,
      RequestMetrics metrics) {
    this.description = description;
    this.actions = actions;
    this.sockets = sockets;
    this.streams = streams;
    this.access = access;
    this.arrivals = arrivals;
    this.limits = limits;
    this.metrics = metrics;
    check = new SchemaCheck(description);
    bodies = new RequestBody(limits);
    requests = new Semaphore(limits.requests());
    Set<String> described = new TreeSet<>();
    description.operations().forEach(operation -> described.add(operation.id()));
    Set<String> served = new TreeSet<>(actions.keySet());
    served.addAll(sockets.keySet());
    served.addAll(streams.keySet());
    if (!described.equals(served)) {
      throw new IllegalArgumentException(
          "described are %s, served %s".formatted(described, served));
    }
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    arrivals.arrived(request.getConnectionMetaData().getConnection().getEndPoint());
    Request.addCompletionListener(
        request,
        failure -> arrivals.await(request.getConnectionMetaData().getConnection().getEndPoint()));
    long began = System.nanoTime();
    String operation = "none";
    try {
      access.apply(request.getConnectionMetaData().getConnector()).check(request.getHeaders());
      Match match = match(request);
      operation = match.operation().id();
      if (!requests.tryAcquire()) {
        throw Problem.busy("%d requests are worked on".formatted(limits.requests()));
      }
      try {
        answer(match, request, response, callback, began);
      } finally {
        requests.release();
      }
    } catch (Problem problem) {
      problem.headers().forEach(response.getHeaders()::put);
      metrics.done(operation, problem.status(), System.nanoTime() - began);
      if (!bodies.drain(request)) {
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
      }
      send(response, ApiResponse.of(problem), callback);
    }
    return true;
  }

  private Match match(Request request) {
    String path = request.getHttpURI().getCanonicalPath();
    List<String> segments = List.of(path.substring(1).split("/", -1));
    Map<String, Match> matches = description.match(segments);
    if (matches.isEmpty()) {
      throw Problem.of(
          HttpStatus.NOT_FOUND_404,
          "nothing is at this path; /v1/openapi.yaml tells what there is");
    }
    Match match = matches.get(request.getMethod());
    if (match == null) {
      throw Problem.method(request.getMethod(), String.join(", ", matches.keySet()));
    }
    return match;
  }

  private void answer(
      Match match, Request request, Response response, Callback callback, long began)
      throws InterruptedException {
    Operation operation = match.operation();
    try {
      ApiRequest asked = read(match, request);
      if (operation.webSocket()) {
        upgrade(operation, asked, request, response, callback);
        metrics.done(operation.id(), 101, System.nanoTime() - began);
        return;
      }
      if (streams.containsKey(operation.id())) {
        stream(operation, asked, request, response, callback, began);
        return;
      }
      ApiResponse answer = actions.get(operation.id()).call(asked);
      metrics.done(operation.id(), answer.status(), System.nanoTime() - began);
      send(response, answer, callback);
    } catch (RegistryException e) {
      throw Problem.of(e);
    } catch (Problem | InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw Problem.of(HttpStatus.INTERNAL_SERVER_ERROR_500, "it failed: " + e, e);
    }
  }

  private void stream(
      Operation operation,
      ApiRequest asked,
      Request request,
      Response response,
      Callback callback,
      long began)
      throws Exception {
    AtomicBoolean begun = new AtomicBoolean();
    Supplier<OutputStream> stream =
        () -> {
          begun.set(true);
          head(response, HttpStatus.OK_200, OCTETS);
          return Content.Sink.asOutputStream(response);
        };
    try {
      Optional<ApiResponse> answer =
          streams.get(operation.id()).call(asked, Content.Source.asInputStream(request), stream);
      int status = answer.map(ApiResponse::status).orElse(HttpStatus.OK_200);
      metrics.done(operation.id(), status, System.nanoTime() - began);
      if (answer.isPresent()) {
        send(response, answer.get(), callback);
      } else {
        callback.succeeded();
      }
    } catch (Exception e) {
      if (!begun.get()) {
        throw e;
      }
      // The answer has begun: that it does not end is all that can be said.
      metrics.done(operation.id(), HttpStatus.INTERNAL_SERVER_ERROR_500, System.nanoTime() - began);
      callback.failed(e);
    }
  }

  private ApiRequest read(Match match, Request request) throws InterruptedException {
    Operation operation = match.operation();
    Map<String, Object> query = new LinkedHashMap<>();
    Fields fields = Request.extractQueryParameters(request);
    for (Fields.Field field : fields) {
      Parameter parameter =
          operation.parameters().stream()
              .filter(known -> known.in().equals("query") && known.name().equals(field.getName()))
              .findFirst()
              .orElseThrow(() ->
                  Problem.of(
                      HttpStatus.BAD_REQUEST_400, "no query member is known here by that name"));
      query.put(field.getName(), value(parameter, field.getValue()));
    }
    for (Parameter parameter : operation.parameters()) {
      if (parameter.in().equals("path")) {
        value(parameter, match.values().get(parameter.name()));
      }
    }
    Map<String, Object> body = Map.of();
    if (operation.body().isPresent()) {
      body = bodies.read(request);
      refuse(check.complaint(operation.body().get(), "", body));
    }
    return new ApiRequest(match.values(), query, body);
  }

  private Object value(Parameter parameter, String text) {
    Object type = parameter.schema().get("type");
    Object value = text;
    if ("boolean".equals(type)) {
      value = text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : text;
    } else if ("integer".equals(type) && text.matches("-?\\d{1,18}")) {
      value = Long.parseLong(text);
    }
    refuse(check.complaint(parameter.schema(), parameter.name(), value));
    return value;
  }

  private static void refuse(Optional<String> complaint) {
    if (complaint.isPresent()) {
      throw Problem.of(HttpStatus.BAD_REQUEST_400, complaint.get());
    }
  }

  private void upgrade(
      Operation operation, ApiRequest asked, Request request, Response response, Callback callback)
      throws Exception {
    ServerWebSocketContainer container = ServerWebSocketContainer.get(request.getContext());
    if (!"websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeader.UPGRADE))) {
      response.getHeaders().put(HttpHeader.UPGRADE, "websocket");
      throw Problem.of(HttpStatus.UPGRADE_REQUIRED_426, "this is a WebSocket");
    }
    if (container.getOpenSessions().size() >= limits.sockets()) {
      throw Problem.busy("%d WebSockets are open".formatted(limits.sockets()));
    }
    Object socket = sockets.get(operation.id()).open(asked);
    arrivals.exempt(request.getConnectionMetaData().getConnection().getEndPoint());
    boolean upgraded =
        container.upgrade(
            (upgradeRequest, upgradeResponse, upgradeCallback) -> {
              if (upgradeRequest.hasSubProtocol(PROTOCOL)) {
                upgradeResponse.setAcceptedSubProtocol(PROTOCOL);
              }
              return socket;
            },
            request,
            response,
            callback);
    if (!upgraded) {
      if (socket instanceof AutoCloseable open) {
        open.close();
      }
      throw Problem.of(HttpStatus.BAD_REQUEST_400, "the request makes no WebSocket");
    }
  }

  private static void send(Response response, ApiResponse answer, Callback callback) {
    head(response, answer.status(), answer.contentType());
    response.write(true, ByteBuffer.wrap(answer.content()), callback);
  }

  private static void head(Response response, int status, String contentType) {
    response.setStatus(status);
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    if (!contentType.isEmpty()) {
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
    }
  }
}
