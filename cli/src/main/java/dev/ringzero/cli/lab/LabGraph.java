package dev.ringzero.cli.lab;

import static dev.ringzero.cli.lab.Lab.Endpoint.UPLINK;

import dev.ringzero.cli.lab.Lab.Endpoint;
import dev.ringzero.cli.lab.Lab.Link;
import dev.ringzero.cli.lab.Lab.Node;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A lab's nodes and links as text, and as a page with a drawing: the nodes on a circle. */
final class LabGraph {
  private static final int NODE_WIDTH = 120;
  private static final int NODE_HEIGHT = 44;
  private static final int ARC = 130;
  private static final int LEAST_RADIUS = 140;
  private static final double LABEL = 0.3;

  private LabGraph() {}

  private record Point(double x, double y) {
    Point towards(Point other, double part) {
      return new Point(x + (other.x - x) * part, y + (other.y - y) * part);
    }
  }

  static String text(Lab lab) {
    StringBuilder text = new StringBuilder(lab.name() + "\n");
    for (Node node : lab.nodes()) {
      text.append("  %s (%s)%n".formatted(node.name(), node.image().orElse("default guest")));
      if (node.managed()) {
        text.append("    eth0 --- NAT\n");
      }
      for (int card = node.managed() ? 1 : 0; card < node.cards(); card++) {
        text.append(end(lab, Endpoint.card(node.name(), card)));
      }
    }
    for (String bridge : lab.bridges()) {
      text.append("  %s (bridge)%n".formatted(bridge));
    }
    for (Lab.Nic nic : lab.nics()) {
      text.append("  %s (network card, %d functions)%n".formatted(nic.name(), nic.functions()));
      text.append(
          nic.managed() ? "    uplink --- NAT\n" : end(lab, new Endpoint(nic.name(), UPLINK)));
    }
    return text.toString();
  }

  private static String end(Lab lab, Endpoint end) {
    String other =
        lab.link(end).map(link -> link.opposite(end)).map(Endpoint::toString).orElse("nothing");
    return "    %s --- %s%n".formatted(end.port(), other);
  }

  /** Names of all parts, each with a caption. */
  private static Map<String, String> captions(Lab lab) {
    Map<String, String> captions = new LinkedHashMap<>();
    lab.nodes().forEach(node -> captions.put(node.name(), node.image().orElse("default guest")));
    lab.bridges().forEach(bridge -> captions.put(bridge, "bridge"));
    lab.nics().forEach(nic -> captions.put(nic.name(), "network card"));
    return captions;
  }

  static String html(Lab lab) {
    Map<String, String> captions = captions(lab);
    int radius = Math.max(LEAST_RADIUS, (int) (captions.size() * ARC / (2 * Math.PI)));
    int side = 2 * (radius + NODE_WIDTH);
    Map<String, Point> places = places(captions.keySet(), radius, side / 2.0);
    StringBuilder svg = new StringBuilder();
    for (Link link : lab.links()) {
      svg.append(link(link, places));
    }
    captions.forEach((name, caption) -> svg.append(node(name, caption, places.get(name))));
    return """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><title>%s</title><style>
    body { font: 14px sans-serif; margin: 2em; background: #fff; color: #222 }
    line { stroke: #789; stroke-width: 2 } rect { fill: #e8f0f8; stroke: #468 }
    text { text-anchor: middle; dominant-baseline: central; fill: #222 }
    .card, .image { font-size: 11px; fill: #555 } .card { paint-order: stroke; stroke: #fff; stroke-width: 4 }
    </style></head><body><h1>%s</h1>
    <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" role="img">
    %s</svg></body></html>
    """
        .formatted(lab.name(), lab.name(), side, side, svg);
  }

  private static Map<String, Point> places(Set<String> names, int radius, double middle) {
    Map<String, Point> places = new HashMap<>();
    for (String name : names) {
      double angle = 2 * Math.PI * places.size() / names.size() - Math.PI / 2;
      places.put(
          name, new Point(middle + radius * Math.cos(angle), middle + radius * Math.sin(angle)));
    }
    return places;
  }

  private static String link(Link link, Map<String, Point> places) {
    Point one = places.get(link.one().node());
    Point other = places.get(link.other().node());
    return String.format(
            Locale.ROOT,
            "<line x1=\"%.0f\" y1=\"%.0f\" x2=\"%.0f\" y2=\"%.0f\"/>\n",
            one.x,
            one.y,
            other.x,
            other.y)
        + label(one.towards(other, LABEL), "card", link.one().port())
        + label(other.towards(one, LABEL), "card", link.other().port());
  }

  private static String node(String name, String caption, Point at) {
    return String.format(
            Locale.ROOT,
            "<rect x=\"%.0f\" y=\"%.0f\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n",
            at.x - NODE_WIDTH / 2.0,
            at.y - NODE_HEIGHT / 2.0,
            NODE_WIDTH,
            NODE_HEIGHT)
        + label(new Point(at.x, at.y - 8), "name", name)
        + label(new Point(at.x, at.y + 10), "image", caption);
  }

  private static String label(Point at, String kind, String text) {
    return String.format(
        Locale.ROOT,
        "<text x=\"%.0f\" y=\"%.0f\" class=\"%s\">%s</text>\n",
        at.x,
        at.y,
        kind,
        text.replace("&", "&amp;").replace("<", "&lt;"));
  }
}
