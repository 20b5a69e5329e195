package dev.ringzero.control.network;

import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.process.SharedProcess;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.network.MacAddress;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.Port;
import dev.ringzero.network.remote.RemotePort;
import dev.ringzero.network.switching.VlanMode;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A port of a user's switch, which is started where it does not run.
 *
 * @param name of the switch
 */
public record SwitchAttachment(ProcessDirectory directory, String name, VlanMode mode)
    implements NetworkAttachment {
  private static final int MTU = 1500;

  @Override
  public Port open(Card card, Clock clock, Entropy entropy) throws IOException {
    SocketChannel channel = SharedProcess.SWITCH.connect(directory, name, List.of()).channel();
    try {
      join(channel, card);
    } catch (IOException e) {
      channel.close();
      throw new IOException("switch " + name + ": " + e.getMessage(), e);
    }
    return new RemotePort(card.machine() + "-" + card.name(), channel, () -> again(card));
  }

  /** A switch that has gone is not started again: somebody may have ended it. */
  private SocketChannel again(Card card) throws IOException {
    Optional<SocketChannel> channel = directory.connect(name);
    if (channel.isEmpty()) {
      return null;
    }
    try {
      join(channel.get(), card);
      return channel.get();
    } catch (IOException e) {
      channel.get().close();
      throw e;
    }
  }

  private void join(SocketChannel channel, Card card) throws IOException {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "join");
    request.put("port", card.toString());
    request.put("mac", MacAddress.format(card.mac()));
    request.put("mode", mode.toString());
    new MessageChannel(channel).ask(request);
  }

  @Override
  public int mtu() {
    return MTU;
  }

  @Override
  public boolean isTagged() {
    return mode instanceof VlanMode.Trunk;
  }

  @Override
  public String description() {
    return "switch " + name;
  }
}
