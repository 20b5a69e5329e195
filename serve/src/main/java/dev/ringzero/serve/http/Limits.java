package dev.ringzero.serve.http;

import java.time.Duration;

/**
 * What bounds requests.
 *
 * @param bodyBytes the largest body
 * @param requests how many may be worked on at once
 * @param sockets how many events and consoles may be followed at once
 * @param connections how many may be open at once
 * @param arrival how long a request may take to arrive, its body too
 */
public record Limits(int bodyBytes, int requests, int sockets, int connections, Duration arrival) {
  public static final Limits USUAL = new Limits(1 << 18, 64, 64, 256, Duration.ofSeconds(10));
}
