package io.aviary.connect.landing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** A task as the worker drives it: it begins where the task says, and hands over what the partition has from there on. */
final class Landing implements AutoCloseable {
  static final TopicPartition ZERO = new TopicPartition("tweets", 0);

  final Map<TopicPartition, Long> positions = new HashMap<>();
  final List<Long> timeouts = new ArrayList<>();
  int commits;
  long nowMs = 1_000;
  final LandingSinkTask task;
  private final Path folder;

  Landing(Path folder, String... settings) {
    this(folder, LandingFolder::new, settings);
  }

  Landing(Path folder, Function<Path, LandingFolder> folders, String... settings) {
    this.folder = folder;
    task = new LandingSinkTask(folders, () -> nowMs);
    task.initialize(new Context());
    task.start(settings(folder, settings));
  }

  static Map<String, String> settings(Path folder, String... changes) {
    Map<String, String> settings = new HashMap<>(Map.of(
        "topics", "tweets",
        "consumer.override.isolation.level", "read_committed",
        "consumer.override.auto.offset.reset", "earliest",
        "landing.folder", folder.toString()));
    for (int i = 0; i < changes.length; i += 2) {
      settings.put(changes[i], changes[i + 1]);
    }
    return settings;
  }

  Landing open(TopicPartition... partitions) {
    task.open(List.of(partitions));
    return this;
  }

  void put(SinkRecord... records) {
    task.put(List.of(records));
  }

  /** Hands over what Kafka keeps of the partition from where the task wanted to go on, {@code batch} records at a time. */
  void feed(List<SinkRecord> kept, int batch) {
    List<SinkRecord> wanted = kept.stream().filter(r -> r.kafkaOffset() >= positions.get(ZERO)).toList();
    for (int from = 0; from < wanted.size(); from += batch) {
      task.put(wanted.subList(from, Math.min(from + batch, wanted.size())));
      nowMs += 4_000;
    }
  }

  /** What the worker would commit. */
  Map<TopicPartition, Long> landed() {
    Map<TopicPartition, Long> landed = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> offsets = task.preCommit(Map.of());
    offsets.forEach((partition, offset) -> landed.put(partition, offset.offset()));
    return landed;
  }

  @Override
  public void close() {
    task.stop();
  }

  /** Names that a reader of the folder sees. */
  static List<String> visible(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** All lines that a reader of the folder sees. */
  static List<String> lines(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String name : visible(folder)) {
      lines.addAll(Files.readAllLines(folder.resolve(name)));
    }
    return lines;
  }

  static List<Long> offsets(Path folder) throws IOException {
    List<Long> offsets = new ArrayList<>();
    for (String line : lines(folder)) {
      offsets.add(Long.parseLong(parse(line).get("kafka_offset")));
    }
    return offsets;
  }

  /** Members of a flat object: strings with their quotes, everything else as its text. */
  static Map<String, String> parse(String line) throws IOException {
    Map<String, String> members = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(line)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        boolean string = parser.nextToken() == JsonToken.VALUE_STRING;
        members.put(name, string ? '"' + parser.getText() + '"' : parser.getText());
      }
      if (parser.nextToken() != null) {
        throw new IOException("more than one object in " + line);
      }
    }
    return members;
  }

  static SinkRecord record(long offset) {
    return record(offset, "{\"user_id\": 42, \"tweet\": \"t" + offset + "\", \"timestamp\": \"2025\"}",
        "run-id", "r", "seq", Long.toString(offset));
  }

  static SinkRecord record(long offset, String value, String... headers) {
    return record(0, offset, value == null ? null : value.getBytes(StandardCharsets.UTF_8), headers);
  }

  static SinkRecord record(int partition, long offset, Object value, String... headers) {
    ConnectHeaders all = new ConnectHeaders();
    for (int i = 0; i < headers.length; i += 2) {
      all.addString(headers[i], headers[i + 1]);
    }
    return new SinkRecord("tweets", partition, null, "42", null, value, offset, 1_732_000_000_000L,
        TimestampType.CREATE_TIME, all);
  }

  /** A partition as committed readers see it: every seventh offset is a transaction's marker. */
  static List<SinkRecord> withMarkers(int offsets) {
    List<SinkRecord> records = new ArrayList<>();
    for (long offset = 0; offset < offsets; offset++) {
      if (offset % 7 != 6) {
        records.add(record(offset));
      }
    }
    return records;
  }

  /** What a crash would leave now: the files as they are. */
  static void copy(Path from, Path to) throws IOException {
    copyFolder(from, to);
    copyFolder(LandingFolder.unseen(from), LandingFolder.unseen(to));
  }

  private static void copyFolder(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  private final class Context implements SinkTaskContext {
    @Override
    public Map<String, String> configs() {
      return settings(folder);
    }

    @Override
    public void offset(Map<TopicPartition, Long> offsets) {
      positions.putAll(offsets);
    }

    @Override
    public void offset(TopicPartition partition, long offset) {
      positions.put(partition, offset);
    }

    @Override
    public void timeout(long timeoutMs) {
      timeouts.add(timeoutMs);
    }

    @Override
    public Set<TopicPartition> assignment() {
      return positions.keySet();
    }

    @Override
    public void pause(TopicPartition... partitions) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void resume(TopicPartition... partitions) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void requestCommit() {
      commits++;
    }

    @Override
    public PluginMetrics pluginMetrics() {
      throw new UnsupportedOperationException();
    }
  }
}
