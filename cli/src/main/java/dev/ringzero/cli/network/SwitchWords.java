package dev.ringzero.cli.network;

import dev.ringzero.cli.UsageException;
import dev.ringzero.network.switching.VlanMode;
import java.util.List;
import java.util.Map;

/** What is asked of a switch and what it answers, as people write and read it. */
final class SwitchWords {
  private SwitchWords() {}

  /** Reads {@code nat}, {@code tap=NAME} or {@code none}, with a VLAN behind a comma. */
  static void uplink(String text, Map<String, Object> changes) {
    int comma = text.indexOf(',');
    String kind = comma < 0 ? text : text.substring(0, comma);
    if (!kind.equals("nat") && !kind.equals("none") && !kind.matches("tap=.+")) {
      throw new UsageException("--uplink takes nat, tap=NAME or none, not " + kind);
    }
    changes.put("uplink", kind);
    if (comma >= 0) {
      changes.put("uplinkMode", mode("--uplink", text.substring(comma + 1)));
    }
  }

  /** Reads a port's name and its VLANs. */
  static void port(String text, Map<String, Object> changes) {
    int comma = text.indexOf(',');
    if (comma < 0) {
      throw new UsageException("--port takes such as vm1:eth0,vlan=10, not " + text);
    }
    changes.put("port", text.substring(0, comma));
    changes.put("mode", mode("--port", text.substring(comma + 1)));
  }

  private static String mode(String option, String text) {
    try {
      return VlanMode.parse(text).toString();
    } catch (IllegalArgumentException e) {
      throw new UsageException(option + ": " + e.getMessage());
    }
  }

  static String show(Map<String, Object> shown) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "switch %s, process %s, uplink %s, mirror %s, %s floods a second, %s%n",
            shown.get("name"),
            shown.get("pid"),
            shown.get("uplink"),
            shown.get("mirror"),
            shown.get("floodsASecond"),
            Boolean.TRUE.equals(shown.get("kept"))
                ? "stays until rz switch rm"
                : "ends with its last port"));
    String form = "%-18s %-12s %-18s %12s %14s %12s %14s %8s %8s%n";
    text.append(
        String.format(
            form, "PORT", "VLAN", "ADDRESS", "IN", "BYTES", "OUT", "BYTES", "REFUSED", "DROPPED"));
    for (Object element : (List<?>) shown.get("ports")) {
      Map<?, ?> port = (Map<?, ?>) element;
      Object mac = port.get("mac");
      text.append(
          String.format(
              form,
              port.get("name"),
              port.get("mode"),
              mac == null ? "" : mac,
              port.get("framesIn"),
              port.get("bytesIn"),
              port.get("framesOut"),
              port.get("bytesOut"),
              port.get("refused"),
              port.get("dropped")));
    }
    List<?> addresses = (List<?>) shown.get("addresses");
    if (!addresses.isEmpty()) {
      text.append(
          String.format("%n%-18s %-6s %-18s %s%n", "SEEN", "VLAN", "AT PORT", "SECONDS AGO"));
    }
    for (Object element : addresses) {
      Map<?, ?> known = (Map<?, ?>) element;
      text.append(
          String.format(
              "%-18s %-6s %-18s %s%n",
              known.get("mac"), known.get("vlan"), known.get("port"), known.get("ageSeconds")));
    }
    return text.toString();
  }
}
