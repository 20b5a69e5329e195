package dev.ringzero.serve.stream;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;

/** One who follows events, at its own pace; one that falls too far behind is cut off. */
public final class EventSocket implements Session.Listener.AutoDemanding {
  private static final int MOST_BEHIND = 1024;
  private static final int LONGEST_SEND_SECONDS = 10;

  private final EventFeed feed;
  private final BlockingQueue<String> events = new ArrayBlockingQueue<>(MOST_BEHIND);
  private volatile Session session;
  private volatile boolean behind;
  private Thread sender;

  EventSocket(EventFeed feed) {
    this.feed = feed;
  }

  @Override
  public void onWebSocketOpen(Session opened) {
    session = opened;
    sender = Thread.ofVirtual().name("event-socket").start(this::send);
    feed.add(this);
  }

  /** Queues an event. */
  void tell(String event) {
    if (!events.offer(event)) {
      behind = true;
    }
  }

  private void send() {
    try {
      while (!behind) {
        Callback.Completable sent = new Callback.Completable();
        session.sendText(events.take(), sent);
        sent.get(LONGEST_SEND_SECONDS, TimeUnit.SECONDS);
      }
      session.close(StatusCode.TRY_AGAIN_LATER, "too far behind", Callback.NOOP);
    } catch (ExecutionException | TimeoutException e) {
      session.disconnect();
    } catch (InterruptedException e) {
      // It was closed.
    } finally {
      feed.remove(this);
    }
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    end();
    callback.succeed();
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    end();
  }

  private void end() {
    feed.remove(this);
    if (sender != null) {
      sender.interrupt();
    }
  }
}
