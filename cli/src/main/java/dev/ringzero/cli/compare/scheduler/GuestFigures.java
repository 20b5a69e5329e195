package dev.ringzero.cli.compare.scheduler;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one guest had and did in a while.
 *
 * @param name of the guest
 * @param share part of one physical CPU that it ran
 * @param waited part of the time in which it could have run and did not
 * @param slicesPerSecond how often it began to run
 * @param waitMicros for which it waited before it ran, on average
 * @param workPerSecond pieces of its work that it finished
 */
record GuestFigures(
    String name,
    double share,
    double waited,
    double slicesPerSecond,
    double waitMicros,
    double workPerSecond) {

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("share", share);
    map.put("waited", waited);
    map.put("slicesPerSecond", slicesPerSecond);
    map.put("waitMicros", waitMicros);
    map.put("workPerSecond", workPerSecond);
    return map;
  }
}
