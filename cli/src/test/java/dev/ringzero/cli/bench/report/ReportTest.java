package dev.ringzero.cli.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cli.bench.Clock;
import dev.ringzero.cli.bench.Group;
import dev.ringzero.cli.bench.Program;
import dev.ringzero.cli.bench.Results;
import dev.ringzero.cli.bench.Session;
import dev.ringzero.cli.bench.subject.Native;
import dev.ringzero.cli.bench.subject.RingZero;
import dev.ringzero.cli.bench.subject.Subjects;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.images.ImageCache;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Program NBODY = new Program("nbody", Group.FLOAT, "planets <in C>");
  private static final Program BROKEN = new Program("broken", Group.OS, "fails");

  private final Session session = session();

  private static Session session() {
    Subjects subjects = new Subjects(new RingZero(), List.of(new Native()), List.of("no Bochs"));
    Results results = new Results();
    for (int round = 1; round <= 3; round++) {
      results.add(NBODY, subjects.ours(), 2 * round);
      results.add(NBODY, subjects.peers().getFirst(), round);
    }
    results.fail(BROKEN, subjects.ours(), "printed \"<b>\"");
    return new Session(3, true, Clock.WALL, subjects, results, new ImageCache(Path.of("unused")));
  }

  @Test
  void jsonHasProgramsWithOursPeersAndRatioAndMeans() throws Exception {
    Map<String, Object> all = Json.read(JsonReport.of(session, Setting.ofThisHost(session)));
    Map<?, ?> program = (Map<?, ?>) ((List<?>) all.get("programs")).getFirst();
    assertThat(program.get("name")).isEqualTo("nbody");
    assertThat(program.get("ours")).isEqualTo(4.0);
    assertThat(program.get("peers")).isEqualTo(Map.of("native", 2.0));
    assertThat(program.get("ratio")).isEqualTo(Map.of("native", 0.5));
    assertThat(all.get("geometricMean")).isEqualTo(Map.of("native", 0.5));
    Map<?, ?> broken = (Map<?, ?>) ((List<?>) all.get("programs")).get(1);
    assertThat(broken.get("ours")).isNull();
    assertThat(broken.get("failures")).isEqualTo(Map.of("ringzero", "printed \"<b>\""));
  }

  @Test
  void thePageNeedsNoOtherFileAndShowsTextAsItIs() {
    String page = HtmlReport.of(session, Setting.ofThisHost(session));
    assertThat(page)
        .contains("<svg", "planets &lt;in C&gt;", "printed &quot;&lt;b&gt;&quot;", "0.50")
        .doesNotContain("<script", "http:", "https:", "url(", "<b>");
  }

  @Test
  void theTableNamesWhatFailedAndWhatIsAbsent() {
    String table = TextReport.of(session, Setting.ofThisHost(session));
    assertThat(table)
        .contains("nbody", "0.50 (0.50-0.50)", "broken on RingZero: printed", "no Bochs");
  }
}
