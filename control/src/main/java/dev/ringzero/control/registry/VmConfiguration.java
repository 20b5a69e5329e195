package dev.ringzero.control.registry;

import dev.ringzero.control.registry.PartSyntax.Head;
import dev.ringzero.control.registry.PartSyntax.Part;
import dev.ringzero.control.registry.PartSyntax.PartKind;
import dev.ringzero.control.registry.RegistryException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a machine is to be: a JSON object, the same in its directory, in requests of the API and in
 * files. Each member says what an option of {@code rz run} says.
 */
public final class VmConfiguration {
  private record Member(String name, String option, Form form) {}

  private static final PartSyntax IMAGE =
      new PartSyntax(
          Head.PLAIN,
          List.of(
              new Part("name", "name", PartKind.TEXT),
              new Part("persistent", "persistent", PartKind.FLAG)));

  private static final PartSyntax MODULE =
      new PartSyntax(
          Head.FILE_AND_WORDS,
          List.of(
              new Part("path", PartSyntax.FILE, PartKind.PATH),
              new Part("words", PartSyntax.WORDS, PartKind.TEXT)));

  private static final PartSyntax DISK =
      new PartSyntax(
          Head.PLAIN,
          List.of(
              new Part("path", "path", PartKind.PATH),
              new Part("readOnly", "ro", PartKind.FLAG),
              new Part("format", "format", PartKind.TEXT),
              new Part("cache", "cache", PartKind.TEXT),
              new Part("queues", "queues", PartKind.NUMBER),
              new Part("serial", "serial", PartKind.TEXT),
              new Part("backing", "backing", PartKind.TEXT)));

  private static final PartSyntax NETWORK =
      new PartSyntax(
          Head.KIND_AND_NAME,
          List.of(
              new Part("kind", PartSyntax.KIND, PartKind.TEXT),
              new Part("name", "name", PartKind.TEXT),
              new Part("mac", "mac", PartKind.TEXT),
              new Part("mtu", "mtu", PartKind.NUMBER),
              new Part("queues", "queues", PartKind.NUMBER),
              new Part("vfs", "vfs", PartKind.NUMBER),
              new Part("address", "ip", PartKind.TEXT),
              new Part("vlan", "vlan", PartKind.TEXT),
              new Part("trunk", "trunk", PartKind.TEXT)));

  private static final PartSyntax SHARE =
      new PartSyntax(
          Head.FOLDER_AND_PLACE,
          List.of(
              new Part("path", "path", PartKind.PATH),
              new Part("mount", PartSyntax.PLACE, PartKind.TEXT),
              new Part("readOnly", "ro", PartKind.FLAG)));

  private static final PartSyntax SOCKET =
      new PartSyntax(
          Head.PLAIN,
          List.of(
              new Part("path", "path", PartKind.PATH), new Part("cid", "cid", PartKind.NUMBER)));

  private static final Form TEXT = new Form.Text(false);
  private static final Form PATH = new Form.Text(true);
  private static final Form FLAG = new Form.Flag();

  private static final List<Member> MEMBERS =
      List.of(
          new Member("kernel", "kernel", PATH),
          new Member("initrd", "initrd", PATH),
          new Member("modules", "module", new Form.PartsList(MODULE)),
          new Member("append", "append", TEXT),
          new Member("snapshot", "snapshot", TEXT),
          new Member("memoryMib", "memory", new Form.Number("M")),
          new Member("hostMemoryMib", "host-memory", new Form.Number("M")),
          new Member("cpus", "cpus", new Form.Number("")),
          new Member("image", "image", new Form.Parts(IMAGE)),
          new Member("disks", "disk", new Form.PartsList(DISK)),
          new Member("networks", "net", new Form.PartsList(NETWORK)),
          new Member("publish", "publish", new Form.Texts()),
          new Member("allowHost", "allow-host", FLAG),
          new Member("shares", "share", new Form.PartsList(SHARE)),
          new Member("vsock", "vsock", new Form.Parts(SOCKET)),
          new Member("engine", "engine", TEXT),
          new Member("translator", "translator", TEXT),
          new Member("memoryVirtualization", "memory-virtualization", TEXT),
          new Member("devices", "device", new Form.Texts()),
          new Member("cpuModel", "cpu", TEXT),
          new Member("iommu", "iommu", TEXT),
          new Member("cpuWeight", "cpu-weight", new Form.Number("")),
          new Member("cpuCapPercent", "cpu-cap", new Form.Number("")),
          new Member("cpuPin", "cpu-pin", TEXT),
          new Member("command", "exec", TEXT),
          new Member("warm", "warm", FLAG),
          new Member("console", "console", TEXT),
          new Member("host", "host", TEXT),
          new Member("timeout", "timeout", TEXT));

  private final Map<String, Object> members;

  private VmConfiguration(Map<String, Object> members) {
    this.members = members;
  }

  /**
   * A configuration from a JSON object.
   *
   * @throws RegistryException if a member is not known or of another type
   */
  public static VmConfiguration of(Map<String, Object> members) {
    Map<String, Object> kept = new LinkedHashMap<>();
    for (Member known : MEMBERS) {
      Object value = members.get(known.name());
      if (value != null) {
        known.form().words(known.name(), value);
        kept.put(known.name(), value);
      }
    }
    for (String name : members.keySet()) {
      if (MEMBERS.stream().noneMatch(known -> known.name().equals(name))) {
        throw new RegistryException(Kind.WRONG, name + " is no member of a configuration");
      }
    }
    return new VmConfiguration(kept);
  }

  /**
   * A configuration from options of {@code rz run}.
   *
   * @param options by name, each with its values; flags have none
   */
  public static VmConfiguration ofOptions(Map<String, List<String>> options) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (Member known : MEMBERS) {
      List<String> values = options.get(known.option());
      if (values != null) {
        members.put(known.name(), known.form().parse(values));
      }
    }
    for (String option : options.keySet()) {
      if (MEMBERS.stream().noneMatch(known -> known.option().equals(option))) {
        throw new RegistryException(
            Kind.WRONG, "--%s is of one run, not of a machine that is kept".formatted(option));
      }
    }
    return of(members);
  }

  /** The options of {@code rz run} that say the same; without {@code --host}. */
  public List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    for (Member known : MEMBERS) {
      Object value = members.get(known.name());
      if (value == null || known.name().equals("host") || known.name().equals("snapshot")) {
        continue;
      }
      for (String word : known.form().words(known.name(), value)) {
        boolean flag = known.form() instanceof Form.Flag;
        arguments.add("--" + known.option() + (flag ? "" : "=" + word));
      }
    }
    return List.copyOf(arguments);
  }

  /** The process with other machines in which it is to run, instead of in one of its own. */
  public Optional<String> host() {
    return Optional.ofNullable(members.get("host")).map(Object::toString);
  }

  /** The snapshot from which it goes on, instead of booting. */
  public Optional<String> snapshot() {
    return Optional.ofNullable(members.get("snapshot")).map(Object::toString);
  }

  /** The same with each path of the host replaced. */
  public VmConfiguration mapPaths(UnaryOperator<String> replacement) {
    Map<String, Object> replaced = new LinkedHashMap<>();
    for (Member known : MEMBERS) {
      Object value = members.get(known.name());
      if (value != null) {
        replaced.put(known.name(), known.form().mapPaths(value, replacement));
      }
    }
    return of(replaced);
  }

  /**
   * The same with members replaced, or taken away where the change says null.
   *
   * @spec RFC 7396, JSON Merge Patch, but that nested objects are replaced as a whole
   */
  public VmConfiguration with(Map<String, Object> changes) {
    Map<String, Object> merged = new LinkedHashMap<>(members);
    merged.putAll(changes);
    merged.values().removeIf(value -> value == null);
    return of(merged);
  }

  /** The JSON object. */
  public Map<String, Object> toMap() {
    return new LinkedHashMap<>(members);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VmConfiguration that && members.equals(that.members);
  }

  @Override
  public int hashCode() {
    return members.hashCode();
  }

  @Override
  public String toString() {
    return members.toString();
  }
}
