package dev.ringzero.cli.bench.nested;

import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.cli.bench.subject.RingZero;
import dev.ringzero.cli.bench.subject.Subject;
import java.util.ArrayList;
import java.util.List;

/** Ourselves with VT-x in place of AMD-V. */
record VtX() implements Subject {
  @Override
  public String key() {
    return "ringzero-vt-x";
  }

  @Override
  public String name() {
    return "VT-x";
  }

  @Override
  public String how() {
    return "rz run --cpu intel, beside --cpu amd";
  }

  @Override
  public List<String> command(Guest guest) {
    List<String> command = new ArrayList<>(new RingZero().command(guest));
    command.addAll(List.of("--cpu", "intel"));
    return command;
  }
}
