package dev.ringzero.cli.bench.report;

import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Ratio;
import dev.ringzero.cli.bench.Results;
import dev.ringzero.cli.bench.Series;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.subject.Subject;
import dev.ringzero.control.protocol.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Figures as one JSON object; docs/guide/bench.md lists its members. */
public final class JsonReport {
  private final Session session;
  private final Results results;
  private final Subject ours;

  private JsonReport(Session session) {
    this.session = session;
    this.results = session.results();
    this.ours = session.subjects().ours();
  }

  /** All figures. */
  public static String of(Session session, Setting setting) {
    return Json.write(new JsonReport(session).object(setting));
  }

  private Map<String, Object> object(Setting setting) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("how", how(setting));
    object.put("subjects", session.subjects().all().stream().map(JsonReport::subject).toList());
    object.put("absent", session.subjects().absent());
    object.put("programs", results.programs().stream().map(this::program).toList());
    object.put("geometricMean", means(program -> true));
    Map<String, Object> groups = new LinkedHashMap<>();
    for (Group group : Group.values()) {
      Map<String, Object> means = means(program -> program.group() == group);
      if (!means.isEmpty()) {
        groups.put(group.key(), means);
      }
    }
    object.put("geometricMeanByGroup", groups);
    return object;
  }

  private static Map<String, Object> how(Setting setting) {
    Map<String, Object> how = new LinkedHashMap<>();
    how.put("began", setting.began());
    how.put("processor", setting.processor());
    how.put("processors", setting.processors());
    how.put("memoryMebibytes", setting.memoryMebibytes());
    how.put("kernel", setting.kernel());
    how.put("java", setting.java());
    how.put("ringzero", setting.version());
    how.put("loadBefore", setting.load());
    how.put("clock", setting.clock().name().toLowerCase(Locale.ROOT));
    how.put("runs", setting.runs());
    how.put("warmUp", setting.warmUp());
    how.put("ratio", "the peer's median time divided by ours: above 1 we are faster");
    return how;
  }

  private static Map<String, Object> subject(Subject subject) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("key", subject.key());
    object.put("name", subject.name());
    object.put("how", subject.how());
    return object;
  }

  private Map<String, Object> program(Program program) {
    Map<String, Object> peers = new LinkedHashMap<>();
    Map<String, Object> ratios = new LinkedHashMap<>();
    Map<String, Object> spreads = new LinkedHashMap<>();
    Map<String, Object> failures = new LinkedHashMap<>();
    for (Subject subject : session.subjects().all()) {
      results.failure(program, subject).ifPresent(why -> failures.put(subject.key(), why));
      results
          .series(program, subject)
          .ifPresent(series -> spreads.put(subject.key(), series.values()));
    }
    for (Subject peer : session.subjects().peers()) {
      results.series(program, peer).ifPresent(series -> peers.put(peer.key(), series.median()));
      results.ratio(program, ours, peer).ifPresent(ratio -> ratios.put(peer.key(), ratio.median()));
    }
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", program.name());
    object.put("group", program.group().key());
    object.put("summary", program.summary());
    object.put("unit", "s");
    object.put("ours", results.series(program, ours).map(Series::median).orElse(null));
    object.put("peers", peers);
    object.put("ratio", ratios);
    object.put("ratioSpread", ratioSpreads(program));
    object.put("runs", spreads);
    object.put("failures", failures);
    return object;
  }

  private Map<String, Object> ratioSpreads(Program program) {
    Map<String, Object> spreads = new LinkedHashMap<>();
    for (Subject peer : session.subjects().peers()) {
      Optional<Ratio> ratio = results.ratio(program, ours, peer);
      ratio.ifPresent(some -> spreads.put(peer.key(), List.of(some.min(), some.max())));
    }
    return spreads;
  }

  private Map<String, Object> means(Predicate<Program> filter) {
    Map<String, Object> means = new LinkedHashMap<>();
    for (Subject peer : session.subjects().peers()) {
      results.geometricMean(ours, peer, filter).ifPresent(mean -> means.put(peer.key(), mean));
    }
    return means;
  }
}
