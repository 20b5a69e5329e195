package dev.ringzero.cli.bench.subject;

import java.util.ArrayList;
import java.util.List;

/**
 * Ourselves with another way to virtualize memory than the usual.
 *
 * @param word what {@code --memory-virtualization} takes
 */
public record Paging(String word, String how) implements Subject {
  /** All but extended page tables. */
  public static final List<Paging> OTHERS =
      List.of(
          new Paging("bare", "no second table, memory in one piece"),
          new Paging("shadow", "shadow page tables"),
          new Paging("direct", "the guest's own tables, as a Xen PV guest"));

  @Override
  public String key() {
    return word;
  }

  @Override
  public String name() {
    return word;
  }

  @Override
  public List<String> command(Guest guest) {
    List<String> command = new ArrayList<>(new RingZero().command(guest));
    command.addAll(List.of("--memory-virtualization", word));
    return command;
  }
}
