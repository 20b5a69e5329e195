package dev.ringzero.control.snapshot;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads members of a JSON object that somebody else may have written. */
record Form(Map<String, Object> members) {
  private <T> T member(String name, Class<T> kind) {
    Object value = members.get(name);
    if (!kind.isInstance(value)) {
      throw new SnapshotException("it does not say " + name);
    }
    return kind.cast(value);
  }

  boolean has(String name) {
    return members.get(name) != null;
  }

  String text(String name) {
    return member(name, String.class);
  }

  Optional<String> optionalText(String name) {
    return has(name) ? Optional.of(text(name)) : Optional.empty();
  }

  boolean flag(String name) {
    return member(name, Boolean.class);
  }

  long number(String name, long least, long most) {
    long number = member(name, Long.class);
    if (number < least || number > most) {
      throw new SnapshotException("it has %s %d".formatted(name, number));
    }
    return number;
  }

  Path path(String name) {
    try {
      return Path.of(text(name));
    } catch (InvalidPathException e) {
      throw new SnapshotException("its " + name + " is no path", e);
    }
  }

  List<String> texts(String name) {
    return member(name, List.class).stream().map(Object::toString).toList();
  }

  @SuppressWarnings("unchecked")
  List<Form> forms(String name) {
    List<Object> all = member(name, List.class);
    return all.stream()
        .map(each -> {
          if (!(each instanceof Map<?, ?> map)) {
            throw new SnapshotException("it has " + name + " that are none");
          }
          return new Form((Map<String, Object>) map);
        })
        .toList();
  }
}
