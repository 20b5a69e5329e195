package dev.ringzero.cpu.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class EntryChainsTest {
  private static final int ENTRIES = 16;

  private final EntryChains chains = new EntryChains(ENTRIES);

  private Set<Integer> chainOf(long number) {
    Set<Integer> entries = new TreeSet<>();
    for (int at = chains.first(number); at != EntryChains.NONE; at = chains.next(at)) {
      assertThat(entries.add(at)).isTrue();
    }
    return entries;
  }

  @Test
  void nothingIsLinkedAtFirstAndAfterClearing() {
    assertThat(chainOf(3)).isEmpty();
    chains.unlink(5);
    chains.link(5, 3);
    chains.clear();
    assertThat(chains.isLinked(5)).isFalse();
    assertThat(chainOf(3)).isEmpty();
  }

  @Test
  void anEntryIsInTheChainOfTheNumberThatItWasLinkedForLast() {
    Random random = new Random(11);
    Map<Integer, Long> linked = new HashMap<>();
    for (int round = 0; round < 5000; round++) {
      int entry = random.nextInt(ENTRIES);
      if (random.nextInt(3) == 0) {
        chains.unlink(entry);
        linked.remove(entry);
      } else {
        long number = random.nextInt(40);
        chains.link(entry, number);
        linked.put(entry, number);
      }
      assertThat(chains.isLinked(entry)).isEqualTo(linked.containsKey(entry));
      long number = random.nextInt(40);
      Set<Integer> expected = new TreeSet<>();
      linked.forEach((each, of) -> {
        if (of % ENTRIES == number % ENTRIES) {
          expected.add(each);
        }
      });
      assertThat(chainOf(number)).isEqualTo(expected);
    }
  }

  @Test
  void aChainCanBeFollowedFromAnEntryThatWasTakenOut() {
    for (int entry = 0; entry < 4; entry++) {
      chains.link(entry, 7);
    }
    int first = chains.first(7);
    chains.unlink(first);
    assertThat(chains.next(first)).isEqualTo(chains.first(7));
  }
}
