package dev.ringzero.serve.http;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;

/**
 * Closes connections on which no whole request head arrives in time, however steadily its bytes do.
 * A connection that stays open for further requests gets the same time for each.
 */
public final class ArrivalDeadline implements Connection.Listener, AutoCloseable {
  private final Duration limit;
  private final Map<EndPoint, Future<?>> waiting = new ConcurrentHashMap<>();
  private final Set<EndPoint> exempted =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("arrivals").daemon().factory());

  public ArrivalDeadline(Duration limit) {
    this.limit = limit;
  }

  @Override
  public void onOpened(Connection connection) {
    await(connection.getEndPoint());
  }

  @Override
  public void onClosed(Connection connection) {
    arrived(connection.getEndPoint());
  }

  /** A request head has arrived. */
  void arrived(EndPoint connection) {
    Future<?> closing = waiting.remove(connection);
    if (closing != null) {
      closing.cancel(false);
    }
  }

  /** No further requests come on it: it is something else from here on. */
  void exempt(EndPoint connection) {
    exempted.add(connection);
    arrived(connection);
  }

  /** The next may come. */
  void await(EndPoint connection) {
    if (exempted.contains(connection)) {
      return;
    }
    Future<?> before =
        waiting.put(
            connection,
            timer.schedule(() -> close(connection), limit.toMillis(), TimeUnit.MILLISECONDS));
    if (before != null) {
      before.cancel(false);
    }
  }

  private void close(EndPoint connection) {
    waiting.remove(connection);
    connection.close();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
