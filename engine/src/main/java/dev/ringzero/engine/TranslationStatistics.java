package dev.ringzero.engine;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a translator to host code has done so far.
 *
 * @param blocks blocks of guest code translated, those that were dropped since included
 * @param loaded of them, those that an earlier process translated, and that were only verified
 * @param guestBytes bytes of guest code in them
 * @param hostBytes bytes of host code made from them
 * @param nanos time spent translating, verification included
 * @param verifyNanos time spent verifying
 * @param exits how often translated code was left, by kind
 * @param interpreted instructions that the interpreter ran because translated code left for them,
 *     by mnemonic; empty where not counted
 * @param accesses memory accesses, each a look-up in the first level of the TLB; -1 where not
 *     counted
 * @param secondLevelHits look-ups that missed the first level and hit the second
 * @param misses look-ups that missed both levels
 * @param pagesDropped pages whose code was dropped because they were written
 * @param evictions how often all code was dropped because its room was used up
 * @param compared runs of blocks that the interpreter checked; -1 where it does not
 */
public record TranslationStatistics(
    long blocks,
    long loaded,
    long guestBytes,
    long hostBytes,
    long nanos,
    long verifyNanos,
    Map<String, Long> exits,
    Map<String, Long> interpreted,
    long accesses,
    long secondLevelHits,
    long misses,
    long pagesDropped,
    long evictions,
    long compared) {

  /** Look-ups that hit the first level; -1 where not counted. */
  public long firstLevelHits() {
    return accesses < 0 ? -1 : Math.max(0, accesses - secondLevelHits - misses);
  }

  /** The sum of what two have done. */
  public TranslationStatistics plus(TranslationStatistics other) {
    Map<String, Long> allExits = new LinkedHashMap<>(exits);
    other.exits.forEach((kind, count) -> allExits.merge(kind, count, Long::sum));
    Map<String, Long> allInterpreted = new LinkedHashMap<>(interpreted);
    other.interpreted.forEach((name, count) -> allInterpreted.merge(name, count, Long::sum));
    return new TranslationStatistics(
        blocks + other.blocks,
        loaded + other.loaded,
        guestBytes + other.guestBytes,
        hostBytes + other.hostBytes,
        nanos + other.nanos,
        verifyNanos + other.verifyNanos,
        allExits,
        allInterpreted,
        accesses < 0 || other.accesses < 0 ? -1 : accesses + other.accesses,
        secondLevelHits + other.secondLevelHits,
        misses + other.misses,
        pagesDropped + other.pagesDropped,
        evictions + other.evictions,
        compared < 0 || other.compared < 0 ? -1 : compared + other.compared);
  }
}
