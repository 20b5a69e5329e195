package dev.ringzero.cli.lab;

import dev.ringzero.cli.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The text of a YAML file as a tree that knows its lines. The file is not trusted: size and depth
 * are bounded, and aliases are refused, since they make small files large.
 */
final class YamlDocument {
  private static final int MOST_BYTES = 256 << 10;
  private static final int MOST_DEPTH = 16;

  private final String name;
  private final LoadSettings settings =
      LoadSettings.builder().setUseMarks(true).setCodePointLimit(MOST_BYTES).build();

  private YamlDocument(String name) {
    this.name = name;
  }

  /** Reads a file. */
  static YamlMap read(Path file) {
    return new YamlDocument(file.toString()).parse(text(file));
  }

  private static String text(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new UsageException("%s is larger than %d KiB".formatted(file, MOST_BYTES >> 10));
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      throw new UsageException("there is no file " + file);
    } catch (CharacterCodingException e) {
      throw new UsageException(file + " is no text in UTF-8");
    } catch (IOException e) {
      throw new UsageException("cannot read " + file + ": " + e.getMessage());
    }
  }

  private YamlMap parse(String text) {
    try {
      checkShape(text);
      Node root =
          new Compose(settings)
              .composeString(text)
              .orElseThrow(() -> new UsageException(name + " is empty"));
      return YamlMap.of(name, "the file", root);
    } catch (MarkedYamlEngineException e) {
      throw new UsageException(
          "%s:%d: this is no YAML: %s"
              .formatted(
                  name, e.getProblemMark().map(Mark::getLine).orElse(0) + 1, e.getProblem()));
    } catch (YamlEngineException e) {
      throw new UsageException(
          name + ": this is no YAML: " + e.getMessage().lines().findFirst().orElse(""));
    }
  }

  /** Goes through the file without a tree. */
  private void checkShape(String text) {
    int depth = 0;
    Iterator<Event> events = new Parse(settings).parseString(text).iterator();
    while (events.hasNext()) {
      Event event = events.next();
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        case Alias -> throw at(event, "aliases (*name) are not taken: write it out");
        default -> {}
      }
      if (depth > MOST_DEPTH) {
        throw at(event, "lists and maps are more than %d deep".formatted(MOST_DEPTH));
      }
    }
  }

  private UsageException at(Event event, String what) {
    int line = event.getStartMark().map(Mark::getLine).orElse(0) + 1;
    return new UsageException("%s:%d: %s".formatted(name, line, what));
  }
}
