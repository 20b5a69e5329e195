package dev.ringzero.serve.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * What the HTTP library refuses by itself, such as malformed requests, told as any other problem.
 */
public final class ProblemPage extends ErrorHandler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    ApiResponse answer =
        ApiResponse.of(
            Problem.of(
                response.getStatus(),
                String.valueOf(request.getAttribute(ErrorHandler.ERROR_MESSAGE))));
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.contentType());
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.getHeaders().put(HttpHeader.CONNECTION, "close");
    response.write(true, ByteBuffer.wrap(answer.content()), callback);
    return true;
  }
}
