package dev.ringzero.serve.access;

import dev.ringzero.serve.http.Problem;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Whether a request may be answered at all. On the Unix socket the file system has decided who can
 * ask, and no browser speaks there. On TCP each request needs the token; it is for the name under
 * which we listen, so that no other name can be made to lead here; and no page of another origin
 * may ask.
 *
 * @spec RFC 6454, The Web Origin Concept; RFC 6750, Bearer Token Usage
 */
public final class AccessPolicy {
  /** The subprotocol in which a browser's WebSocket, which has no such header, says the token. */
  private static final String TOKEN_PROTOCOL = "rz.token.";

  private static final String BEARER = "bearer ";
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private final Optional<Token> token;
  private final Set<String> names;

  private AccessPolicy(Optional<Token> token, Set<String> names) {
    this.token = token;
    this.names = names;
  }

  /** For those who can open the Unix socket. */
  public static AccessPolicy unixSocket() {
    return new AccessPolicy(Optional.empty(), Set.of());
  }

  /** For those who reach a port of this computer's own addresses. */
  public static AccessPolicy loopback(int port, Token token) {
    return new AccessPolicy(
        Optional.of(token), Set.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port));
  }

  /** Refuses what may not be answered. */
  public void check(HttpFields headers) {
    checkHost(headers);
    checkOrigin(headers);
    if (token.isPresent() && !knowsToken(headers, token.get())) {
      throw Problem.unauthorized();
    }
  }

  private void checkHost(HttpFields headers) {
    String host = headers.get(HttpHeader.HOST);
    if (token.isPresent() && (host == null || !names.contains(host.toLowerCase(Locale.ROOT)))) {
      throw Problem.of(403, "the Host of the request is not a name of this server");
    }
  }

  private void checkOrigin(HttpFields headers) {
    String origin = headers.get(HttpHeader.ORIGIN);
    boolean ours = origin == null || origin.startsWith("http://") && names.contains(host(origin));
    String site = headers.get("Sec-Fetch-Site");
    if (!ours || site != null && !OWN_SITE.contains(site)) {
      throw Problem.of(403, "pages of another origin may not ask");
    }
  }

  private static String host(String origin) {
    return origin.substring("http://".length()).toLowerCase(Locale.ROOT);
  }

  private static boolean knowsToken(HttpFields headers, Token token) {
    String said = headers.get(HttpHeader.AUTHORIZATION);
    if (said != null) {
      return said.toLowerCase(Locale.ROOT).startsWith(BEARER)
          && token.is(said.substring(BEARER.length()).strip());
    }
    List<String> protocols = headers.getCSV("Sec-WebSocket-Protocol", false);
    return headers.contains(HttpHeader.UPGRADE)
        && protocols.stream()
            .anyMatch(protocol ->
                protocol.startsWith(TOKEN_PROTOCOL)
                    && token.is(protocol.substring(TOKEN_PROTOCOL.length())));
  }
}
