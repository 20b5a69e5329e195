package dev.ringzero.control.snapshot;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.network.SwitchAttachment;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.devices.pci.VirtualFunctions;
import dev.ringzero.network.MacAddress;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.nat.NatAttachment;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.network.nat.PublishedPort;
import dev.ringzero.network.switching.VlanMode;
import dev.ringzero.network.tap.TapAttachment;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.CardModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A network card as a JSON object, and back. */
final class CardForm {
  private static final int MOST_MTU = 65_535;
  private static final int MOST_QUEUES = 8;

  private CardForm() {}

  static Map<String, Object> of(CardConfiguration card) {
    Map<String, Object> form = new LinkedHashMap<>();
    switch (card.network()) {
      case NatAttachment nat -> {
        form.put("network", "nat");
        form.put("allowHost", nat.settings().allowHost());
        form.put("publish", nat.settings().published().stream().map(CardForm::words).toList());
      }
      case SwitchAttachment attachment -> {
        form.put("network", "switch");
        form.put("name", attachment.name());
        form.put("mode", attachment.mode().toString());
      }
      case TapAttachment tap -> {
        form.put("network", "tap");
        form.put("name", tap.name());
      }
      case NetworkAttachment other ->
          throw new SnapshotException("a card at " + other.description() + " cannot be saved");
    }
    card.mac().ifPresent(mac -> form.put("mac", MacAddress.format(mac)));
    card.mtu().ifPresent(mtu -> form.put("mtu", mtu));
    card.queues().ifPresent(queues -> form.put("queues", queues));
    form.put("virtualFunctions", card.virtualFunctions());
    form.put("model", card.model().word());
    card.address().ifPresent(address -> form.put("address", address));
    return form;
  }

  private static String words(PublishedPort port) {
    return port.hostPort() + ":" + port.guestPort();
  }

  static CardConfiguration read(Form form) {
    try {
      return new CardConfiguration(
          network(form),
          form.has("mac")
              ? OptionalLong.of(MacAddress.parse(form.text("mac")))
              : OptionalLong.empty(),
          form.has("mtu")
              ? OptionalInt.of((int) form.number("mtu", 1, MOST_MTU))
              : OptionalInt.empty(),
          form.has("queues")
              ? OptionalInt.of((int) form.number("queues", 1, MOST_QUEUES))
              : OptionalInt.empty(),
          form.optionalText("address"),
          (int) form.number("virtualFunctions", 0, VirtualFunctions.MOST),
          CardModel.parse(form.text("model")));
    } catch (IllegalArgumentException e) {
      throw new SnapshotException("it has a network card that cannot be: " + e.getMessage(), e);
    }
  }

  private static NetworkAttachment network(Form form) {
    return switch (form.text("network")) {
      case "nat" -> {
        List<PublishedPort> published =
            form.texts("publish").stream().map(PublishedPort::parse).toList();
        NatSettings here = NatSettings.ordinary();
        yield new NatAttachment(
            new NatSettings(form.flag("allowHost"), published, here.resolver()));
      }
      case "switch" -> {
        if (!ControlDirectory.isName(form.text("name"))) {
          throw new SnapshotException("it has a card at a switch without a proper name");
        }
        yield new SwitchAttachment(
            ProcessDirectory.ofSwitches(), form.text("name"), VlanMode.parse(form.text("mode")));
      }
      case "tap" -> {
        if (!form.text("name").matches("[A-Za-z0-9_.-]{1,15}")) {
          throw new SnapshotException("it has a card at an interface without a proper name");
        }
        yield new TapAttachment(form.text("name"));
      }
      case String other -> throw new SnapshotException("it has a card at an unknown " + other);
    };
  }
}
