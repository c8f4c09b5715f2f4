package io.aviary.connect.landing;

import static io.aviary.connect.landing.Landing.ZERO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A killed process leaves the folder as it is at that moment: so each moment is kept, and a new task goes on from each. */
class CrashTest {
  private static final String[] SMALL_FILES = {"file.max.bytes", "2048", "flush.ms", "5000"};
  private static final List<SinkRecord> KEPT = Landing.withMarkers(100);
  private static final List<Long> ALL = KEPT.stream().map(SinkRecord::kafkaOffset).toList();

  @TempDir
  Path temp;

  /** Keeps what a crash would leave before and after each step. */
  private final class Watched extends LandingFolder {
    final List<Path> moments = new ArrayList<>();

    Watched(Path path) {
      super(path);
    }

    private void keep() {
      Path moment = temp.resolve("moment-" + moments.size());
      try {
        Landing.copy(path(), moment);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      moments.add(moment);
    }

    @Override
    void publish(Path grown, Path visible) throws IOException {
      keep();
      super.publish(grown, visible);
      keep();
    }

    @Override
    FileChannel lock(TopicPartition partition) throws IOException {
      FileChannel lock = super.lock(partition);
      keep();
      return lock;
    }
  }

  @Test
  void afterACrashAtAnyStepEachRecordIsThereOnce() throws IOException {
    Watched watched = new Watched(temp.resolve("landing"));
    try (Landing landing = new Landing(watched.path(), path -> watched, SMALL_FILES).open(ZERO)) {
      for (int from = 0; from < KEPT.size(); from += 3) {
        landing.put(KEPT.subList(from, Math.min(from + 3, KEPT.size())).toArray(SinkRecord[]::new));
        landing.nowMs += 3_000;
        watched.keep();
      }
    }
    assertEquals(ALL, Landing.offsets(watched.path()));
    assertTrue(watched.moments.size() > 50, "too few moments: " + watched.moments.size());
    for (Path moment : watched.moments) {
      List<Long> before = Landing.offsets(moment);
      assertEquals(ALL.subList(0, before.size()), before, "what readers saw at " + moment);
      try (Landing landing = new Landing(moment, SMALL_FILES).open(ZERO)) {
        landing.feed(KEPT, 4);
      }
      assertEquals(ALL, Landing.offsets(moment), "after a crash at " + moment);
    }
  }

  @Test
  void aCrashInTheMiddleOfALineIsWrittenOver() throws IOException {
    Path folder = temp.resolve("landing");
    try (Landing landing = new Landing(folder, SMALL_FILES).open(ZERO)) {
      landing.feed(KEPT.subList(0, 10), 10);
    }
    Files.writeString(LandingFolder.unseen(folder).resolve("tweets-0.jsonl"), "{\"user_id\":\"42\",\"twe");
    try (Landing landing = new Landing(folder, SMALL_FILES).open(ZERO)) {
      landing.feed(KEPT, 10);
    }
    assertEquals(ALL, Landing.offsets(folder));
  }

  /** Has room for two publications at a time. */
  private static final class Full extends LandingFolder {
    private int room = 2;

    Full(Path path) {
      super(path);
    }

    @Override
    void publish(Path grown, Path visible) throws IOException {
      if (room-- == 0) {
        throw new FileSystemException(visible.toString(), null, "No space left on device");
      }
      super.publish(grown, visible);
    }
  }

  @Test
  void aFullDiskFailsTheTaskAndTheNextOneGoesOn() throws IOException {
    Path folder = temp.resolve("landing");
    int faults = 0;
    for (boolean done = false; !done; ) {
      try (Landing landing = new Landing(folder, Full::new, SMALL_FILES).open(ZERO)) {
        landing.feed(KEPT, 4);
        done = true;
      } catch (ConnectException e) {
        assertTrue(e.getMessage().contains(folder + " cannot be written") && e.getMessage().contains("No space left"),
            e.getMessage());
        assertNull(e.getCause(), "the innermost cause is what is shown");
        faults++;
      }
    }
    assertTrue(faults > 2, "the disk was full " + faults + " times");
    assertEquals(ALL, Landing.offsets(folder));
  }

  @Test
  void theOffsetsThatTheWorkerCommittedDoNotMatter() throws IOException {
    Path folder = temp.resolve("landing");
    try (Landing landing = new Landing(folder, SMALL_FILES).open(ZERO)) {
      landing.feed(KEPT, 10);
      // Renamed and never committed: the worker has nothing but 0.
      assertTrue(landing.landed().get(ZERO) > 0);
    }
    try (Landing landing = new Landing(folder, SMALL_FILES).open(ZERO)) {
      assertEquals(ALL.get(ALL.size() - 1) + 1, landing.positions.get(ZERO));
    }
  }

  @Test
  void filesThatHoldARecordTwiceAreNamed() throws IOException {
    Path folder = temp.resolve("landing");
    try (Landing landing = new Landing(folder, SMALL_FILES).open(ZERO)) {
      landing.feed(KEPT, 10);
    }
    List<String> names = Landing.visible(folder);
    // Somebody copies a file back under the offset of its second record.
    Path doubled = folder.resolve("tweets-0-00000000000000000001.jsonl");
    List<String> lines = Files.readAllLines(folder.resolve(names.get(0)));
    Files.write(doubled, lines.subList(1, lines.size()));
    String said = refusal(folder);
    assertTrue(said.contains(names.get(0)) && said.contains(doubled.getFileName().toString()), said);
    Files.delete(doubled);
    Files.copy(folder.resolve(names.get(0)), folder.resolve(names.get(0) + ".bak"));
    assertTrue(refusal(folder).contains(names.get(0) + ".bak"));
  }

  @Test
  void aFileThatWasChangedIsNamed() throws IOException {
    Path folder = temp.resolve("landing");
    try (Landing landing = new Landing(folder).open(ZERO)) {
      landing.feed(KEPT, 10);
    }
    Path file = folder.resolve(Landing.visible(folder).get(0));
    String whole = Files.readString(file);
    List<String> changed = List.of("", whole.substring(0, whole.length() - 5), whole + "\n", whole + "{]\n", whole + "{}\n",
        whole + "{\"kafka_partition\":1,\"kafka_offset\":500}\n");
    for (String content : changed) {
      Files.writeString(file, content);
      assertTrue(refusal(folder).contains(file.toString()), content);
    }
    Files.writeString(file, whole);
    try (Landing landing = new Landing(folder).open(ZERO)) {
      assertEquals(ALL.get(ALL.size() - 1) + 1, landing.positions.get(ZERO));
    }
  }

  private static String refusal(Path folder) {
    try (Landing landing = new Landing(folder, SMALL_FILES)) {
      return assertThrows(ConnectException.class, () -> landing.open(ZERO)).getMessage();
    }
  }

  @Test
  void aLongLastLineIsReadWhole() throws IOException {
    Path folder = temp.resolve("landing");
    String tweet = "x".repeat(900_000);
    try (Landing landing = new Landing(folder).open(ZERO)) {
      landing.put(Landing.record(0), Landing.record(5, "{\"user_id\":1,\"tweet\":\"" + tweet + "\",\"timestamp\":\"t\"}"));
    }
    try (Landing landing = new Landing(folder).open(ZERO)) {
      assertEquals(6, landing.positions.get(ZERO));
    }
  }
}
