package dev.ringzero.cli.network;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.network.BridgeAttachment;
import dev.ringzero.control.network.SwitchAttachment;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.devices.pci.VirtualFunctions;
import dev.ringzero.network.MacAddress;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.cable.CableAttachment;
import dev.ringzero.network.nat.NatAttachment;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.network.nat.PublishedPort;
import dev.ringzero.network.switching.VlanMode;
import dev.ringzero.network.tap.TapAttachment;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.CardModel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads {@code --net}: {@code nat}, {@code none}, {@code switch=NAME}, {@code cable=NAME} or {@code
 * tap=NAME}.
 */
public final class CardOption {
  private static final int LEAST_MTU = 576;
  private static final int MOST_MTU = 9000;
  private static final int MOST_QUEUES = 8;
  private static final int MOST_CARDS = 8;
  private static final String CABLE = "[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}";
  private static final Pattern ADDRESS =
      Pattern.compile("dhcp|none|(\\d{1,3}\\.){3}\\d{1,3}/([0-9]|[12][0-9]|3[0-2])");

  private final String text;
  private final String network;
  private OptionalLong mac = OptionalLong.empty();
  private OptionalInt mtu = OptionalInt.empty();
  private OptionalInt queues = OptionalInt.empty();
  private Optional<String> address = Optional.empty();
  private int virtualFunctions;
  private CardModel model = CardModel.VIRTIO;
  private Optional<VlanMode> vlans = Optional.empty();

  private CardOption(String text) {
    this.text = text;
    String[] words = text.split(",", -1);
    network = words[0];
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      if (equals < 0) {
        throw wrong("it has " + words[i] + " where KEY=VALUE is wanted");
      }
      set(words[i].substring(0, equals), words[i].substring(equals + 1));
    }
    checkModel();
  }

  private void checkModel() {
    if (model == CardModel.INTEL_82576 && virtualFunctions > CardModel.MOST_INTEL_FUNCTIONS) {
      throw wrong("an 82576 has up to " + CardModel.MOST_INTEL_FUNCTIONS + " virtual functions");
    }
    if (model == CardModel.INTEL_82576 && queues.isPresent()) {
      throw wrong("an 82576 has the queues that its driver wants: leave queues= out");
    }
  }

  /** Reads all {@code --net} of a command line, with what belongs to the NAT. */
  public static List<CardConfiguration> all(
      List<String> options, boolean allowHost, List<String> published) {
    List<CardConfiguration> cards = new ArrayList<>();
    boolean none = options.contains("none");
    if (none && options.size() > 1) {
      throw new UsageException("--net none does not go with another --net");
    }
    boolean nat = false;
    Set<Long> addresses = new HashSet<>();
    for (String option : none ? List.<String>of() : options) {
      CardOption card = new CardOption(option);
      boolean first = card.network.equals("nat") && !nat;
      nat |= first;
      NatSettings settings = first ? nat(allowHost, published) : nat(allowHost, List.of());
      cards.add(card.configuration(settings));
      if (card.mac.isPresent() && !addresses.add(card.mac.getAsLong())) {
        throw card.wrong("another card of this machine has that address already");
      }
    }
    if (!nat && (allowHost || !published.isEmpty())) {
      throw new UsageException("--publish and --allow-host need --net nat");
    }
    if (cards.size() > MOST_CARDS) {
      throw new UsageException("a machine has at most " + MOST_CARDS + " network cards");
    }
    return cards;
  }

  private static NatSettings nat(boolean allowHost, List<String> published) {
    try {
      return new NatSettings(
          allowHost,
          published.stream().map(PublishedPort::parse).toList(),
          NatSettings.ordinary().resolver());
    } catch (IllegalArgumentException e) {
      throw new UsageException("--publish " + e.getMessage());
    }
  }

  private void set(String key, String value) {
    try {
      switch (key) {
        case "mac" -> mac = OptionalLong.of(MacAddress.parse(value));
        case "mtu" -> mtu = OptionalInt.of(number(value, LEAST_MTU, MOST_MTU));
        case "queues" -> queues = OptionalInt.of(number(value, 1, MOST_QUEUES));
        case "vfs" -> virtualFunctions = number(value, 1, VirtualFunctions.MOST);
        case "model" -> model = CardModel.parse(value);
        case "ip" -> address = Optional.of(address(value));
        case "vlan" -> vlans = Optional.of(VlanMode.access(value));
        case "trunk" -> vlans = Optional.of(VlanMode.trunk(value));
        default ->
            throw wrong("known are mac, mtu, queues, ip, vfs, model, vlan and trunk, not " + key);
      }
    } catch (IllegalArgumentException e) {
      throw wrong(key + " is " + e.getMessage());
    }
  }

  private static int number(String value, int least, int most) {
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // the same answer as for one out of bounds
    }
    throw new IllegalArgumentException("a number from " + least + " to " + most + ", not " + value);
  }

  /** What our own guest is to give itself, by an option's text. */
  public static String ip(String value) {
    try {
      return address(value);
    } catch (IllegalArgumentException e) {
      throw new UsageException("ip= is " + e.getMessage());
    }
  }

  private static String address(String value) {
    if (!ADDRESS.matcher(value).matches()) {
      throw new IllegalArgumentException("dhcp, none or such as 10.0.0.1/24, not " + value);
    }
    return value;
  }

  private UsageException wrong(String how) {
    return new UsageException("--net " + text + ": " + how);
  }

  private CardConfiguration configuration(NatSettings settings) {
    return new CardConfiguration(
        attachment(settings), mac, mtu, queues, address, virtualFunctions, model);
  }

  private NetworkAttachment attachment(NatSettings settings) {
    int equals = network.indexOf('=');
    String kind = equals < 0 ? network : network.substring(0, equals);
    String name = equals < 0 ? "" : network.substring(equals + 1);
    if (vlans.isPresent() && !kind.equals("switch")) {
      throw wrong("only a switch has VLANs");
    }
    return switch (kind) {
      case "nat" -> {
        if (mtu.isPresent() && mtu.getAsInt() > 1500) {
          throw wrong("the NAT's packets are up to 1500 bytes");
        }
        yield new NatAttachment(settings);
      }
      case "switch" -> {
        if (!ControlDirectory.isName(name)) {
          throw wrong("a switch has a name of letters and digits, such as switch=lan0");
        }
        VlanMode mode = vlans.orElseGet(() -> new VlanMode.Access(1));
        yield new SwitchAttachment(ProcessDirectory.ofSwitches(), name, mode);
      }
      case "cable" -> {
        if (!name.matches(CABLE)) {
          throw wrong("a cable has a name of letters, digits, colons and dashes, such as cable=c1");
        }
        yield new CableAttachment(name);
      }
      case "bridge" -> {
        if (!ControlDirectory.isName(name)) {
          throw wrong("a bridge has a name of letters and digits, such as bridge=br0");
        }
        yield new BridgeAttachment(name);
      }
      case "tap" -> {
        if (!name.matches("[A-Za-z0-9_.-]{1,15}")) {
          throw wrong("an interface has a name, such as tap=tap0");
        }
        yield new TapAttachment(name);
      }
      default -> throw wrong("it takes nat, none, switch=NAME, cable=NAME or tap=NAME");
    };
  }
}
