package dev.ringzero.control.server;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.images.ImageException;
import dev.ringzero.network.nat.NatAttachment;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.DeviceView;
import dev.ringzero.vmm.machine.DiskConfiguration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Requests about devices that come and go while a machine runs. */
final class DeviceRequests {
  private static final String ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,39}";

  private final GuestRun run;

  DeviceRequests(GuestRun run) {
    this.run = run;
  }

  Map<String, Object> answer(Map<String, Object> request) {
    return switch (text(request, "action")) {
      case "list" -> Map.of("devices", list());
      case "add" -> Map.of("id", add(text(request, "kind"), text(request, "what"), id(request)));
      case "remove" -> {
        run.machine().remove(text(request, "id"), Boolean.TRUE.equals(request.get("now")));
        yield Map.of();
      }
      case String other -> throw new ImageException("unknown action on devices: " + other);
    };
  }

  private static String text(Map<String, Object> request, String name) {
    return String.valueOf(request.get(name));
  }

  private static Optional<String> id(Map<String, Object> request) {
    Optional<String> id = Optional.ofNullable(request.get("id")).map(Object::toString);
    if (id.isPresent() && !id.get().matches(ID)) {
      throw new ImageException(
          "a device's id has up to 40 letters, digits, dots, dashes and underscores, not "
              + id.get());
    }
    return id;
  }

  private String add(String kind, String what, Optional<String> id) {
    try {
      return switch (kind) {
        case "disk" -> run.insert(id, DiskConfiguration.parse(what));
        case "net" -> run.insert(id, card(what));
        default -> throw new ImageException("a device is disk=... or net=nat, not " + kind);
      };
    } catch (IllegalArgumentException e) {
      throw new ImageException(kind + "= " + e.getMessage(), e);
    }
  }

  private static CardConfiguration card(String what) {
    if (!what.equals("nat")) {
      throw new IllegalArgumentException("takes nat, not " + what);
    }
    return new CardConfiguration(new NatAttachment(NatSettings.ordinary()));
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    for (DeviceView device : run.machine().devices()) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("id", device.id());
      map.put("kind", device.kind());
      map.put("what", device.what());
      map.put("slot", device.slot());
      list.add(map);
    }
    return list;
  }
}
