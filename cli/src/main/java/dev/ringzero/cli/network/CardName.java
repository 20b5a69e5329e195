package dev.ringzero.cli.network;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Nearest;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.MessageChannel;

/** A card of a machine as people write it: {@code VM:eth0}, or {@code VM} for its first. */
record CardName(String machine, String card) {
  static CardName parse(String text) {
    int colon = text.indexOf(':');
    return colon < 0
        ? new CardName(text, "eth0")
        : new CardName(text.substring(0, colon), text.substring(colon + 1));
  }

  /** Connects to the machine. */
  MessageChannel connect() {
    ControlDirectory directory = ControlDirectory.ofUser();
    return directory
        .connect(machine)
        .map(MessageChannel::new)
        .orElseThrow(() ->
            new UsageException(
                "no machine named "
                    + machine
                    + " runs"
                    + Nearest.to(machine, directory.names())
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("")));
  }
}
