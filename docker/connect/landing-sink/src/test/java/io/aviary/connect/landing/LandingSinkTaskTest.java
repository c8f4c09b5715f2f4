package io.aviary.connect.landing;

import static io.aviary.connect.landing.Landing.ZERO;
import static io.aviary.connect.landing.Landing.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LandingSinkTaskTest {
  private static final String FIRST = "tweets-0-00000000000000000000.jsonl";

  @TempDir
  Path temp;

  private Path folder() {
    return temp.resolve("landing");
  }

  private static List<Long> upTo(long end) {
    return LongStream.range(0, end).boxed().toList();
  }

  @Test
  void aNewFolderBeginsAtTheBeginning() {
    try (Landing landing = new Landing(folder()).open(ZERO, new TopicPartition("tweets", 1))) {
      assertEquals(Map.of(ZERO, 0L, new TopicPartition("tweets", 1), 0L), landing.positions);
    }
  }

  @Test
  void readersSeeNothingBeforeItIsDueAndThenAllOfIt() throws IOException {
    try (Landing landing = new Landing(folder(), "flush.ms", "10000").open(ZERO)) {
      landing.put(record(0), record(1));
      landing.nowMs += 9_999;
      landing.put(record(2));
      assertEquals(List.of(), Landing.visible(folder()));
      assertEquals(Map.of(ZERO, 0L), landing.landed());
      assertEquals(List.of(10_000L, 1L), landing.timeouts, "the worker must come back when the first record is due");
      landing.nowMs += 1;
      landing.put();
      assertEquals(List.of(FIRST), Landing.visible(folder()));
      assertEquals(upTo(3), Landing.offsets(folder()));
      assertEquals(Map.of(ZERO, 3L), landing.landed());
      assertEquals(1, landing.commits);
    }
  }

  @Test
  void aSlowStreamGrowsOneFile() throws IOException {
    try (Landing landing = new Landing(folder()).open(ZERO)) {
      for (long offset = 0; offset < 50; offset++) {
        landing.put(record(offset));
        landing.nowMs += 60_000;
        landing.put();
        assertEquals(upTo(offset + 1), Landing.offsets(folder()));
      }
      assertEquals(List.of(FIRST), Landing.visible(folder()));
    }
  }

  @Test
  void aReaderThatOpenedAFileBeforeItGrewReadsTheSameBytes() throws IOException {
    try (Landing landing = new Landing(folder(), "flush.ms", "100").open(ZERO)) {
      landing.put(record(0));
      landing.nowMs += 100;
      landing.put(record(1));
      byte[] before = Files.readAllBytes(folder().resolve(FIRST));
      landing.put(record(2));
      landing.nowMs += 100;
      landing.put();
      byte[] after = Files.readAllBytes(folder().resolve(FIRST));
      assertTrue(after.length > before.length);
      assertEquals(new String(before), new String(after, 0, before.length));
    }
  }

  /** Hive lists first and asks each name afterwards, at any depth: a query fails when one of them has gone. */
  @Test
  void noNameBelowTheFolderEverGoes() throws IOException {
    Set<Path> seen = new TreeSet<>();
    try (Landing landing = new Landing(folder(), "file.max.bytes", "1024", "flush.ms", "100").open(ZERO)) {
      for (long offset = 0; offset < 30; offset++) {
        landing.put(record(offset));
        landing.nowMs += 60;
        try (Stream<Path> all = Files.walk(folder())) {
          Set<Path> now = all.collect(Collectors.toSet());
          assertTrue(now.containsAll(seen));
          seen.addAll(now);
        }
      }
    }
    assertTrue(seen.size() > 3, seen.toString());
  }

  @Test
  void aFullFileIsVisibleAtOnceAndLeftAlone() throws IOException {
    try (Landing landing = new Landing(folder(), "file.max.bytes", "1024").open(ZERO)) {
      for (long offset = 0; offset < 20; offset++) {
        landing.put(record(offset));
      }
      List<String> names = Landing.visible(folder());
      assertTrue(names.size() > 2, names.toString());
      String first = Files.readString(folder().resolve(FIRST));
      for (long offset = 20; offset < 40; offset++) {
        landing.put(record(offset));
      }
      assertEquals(first, Files.readString(folder().resolve(FIRST)));
    }
    assertEquals(upTo(40), Landing.offsets(folder()));
  }

  @Test
  void partitionsHaveFilesOfTheirOwn() throws IOException {
    TopicPartition one = new TopicPartition("tweets", 1);
    try (Landing landing = new Landing(folder()).open(ZERO, one)) {
      landing.put(record(7), Landing.record(1, 3, null), record(8));
      landing.task.close(List.of(ZERO, one));
    }
    assertEquals(List.of("tweets-0-00000000000000000007.jsonl", "tweets-1-00000000000000000003.jsonl"),
        Landing.visible(folder()));
  }

  @Test
  void aStopLeavesNothingToBeReadAgain() throws IOException {
    try (Landing landing = new Landing(folder()).open(ZERO)) {
      landing.put(record(0), record(1));
    }
    assertEquals(upTo(2), Landing.offsets(folder()));
    try (Landing landing = new Landing(folder()).open(ZERO)) {
      assertEquals(Map.of(ZERO, 2L), landing.positions);
      landing.put(record(2));
    }
    assertEquals(upTo(3), Landing.offsets(folder()));
    assertEquals(List.of(FIRST), Landing.visible(folder()));
  }

  @Test
  void offsetsThatHoldNoRecordAreNoGap() throws IOException {
    try (Landing landing = new Landing(folder(), "file.max.bytes", "1024").open(ZERO)) {
      landing.feed(Landing.withMarkers(70), 5);
    }
    assertEquals(60, Landing.offsets(folder()).size());
    try (Landing landing = new Landing(folder()).open(ZERO)) {
      assertEquals(Map.of(ZERO, 69L), landing.positions);
    }
  }

  @Test
  void aDeletedFolderIsLandedAgain() throws IOException {
    try (Landing landing = new Landing(folder()).open(ZERO)) {
      landing.feed(Landing.withMarkers(70), 10);
    }
    Files.move(folder(), temp.resolve("elsewhere"));
    try (Landing landing = new Landing(folder()).open(ZERO)) {
      landing.feed(Landing.withMarkers(70), 10);
    }
    assertEquals(Landing.offsets(temp.resolve("elsewhere")), Landing.offsets(folder()));
  }

  @Test
  void aTopicMadeAnewIsRefused() throws IOException {
    try (Landing landing = new Landing(folder()).open(ZERO)) {
      landing.put(record(0), record(1));
    }
    try (Landing landing = new Landing(folder()).open(ZERO)) {
      String said = assertThrows(ConnectException.class, () -> landing.put(record(0))).getMessage();
      assertTrue(said.contains(folder() + " holds that partition up to 1 already"), said);
    }
    assertEquals(upTo(2), Landing.offsets(folder()));
  }

  @Test
  void aValueOfAnotherConverterIsRefusedAndWhatCameBeforeIsKept() throws IOException {
    try (Landing landing = new Landing(folder()).open(ZERO)) {
      assertThrows(ConnectException.class, () -> landing.put(record(0), Landing.record(0, 1, Map.of("user_id", 1))));
    }
    assertEquals(upTo(1), Landing.offsets(folder()));
  }

  @Test
  void aSecondWriterOfThePartitionIsRefusedUntilTheFirstHasEnded() {
    try (Landing first = new Landing(folder()).open(ZERO)) {
      try (Landing second = new Landing(folder())) {
        String said = assertThrows(ConnectException.class, () -> second.open(ZERO)).getMessage();
        assertTrue(said.contains("landing-growing/tweets-0.lock"), said);
        second.open(new TopicPartition("tweets", 1));
      }
      first.task.close(List.of(ZERO));
      new Landing(folder()).open(ZERO).close();
    }
  }

  @Test
  void aFolderThatCannotBeUsedIsNamed() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "");
    for (Path path : List.of(file, file.resolve("below"))) {
      String said = assertThrows(ConnectException.class, () -> new Landing(path)).getMessage();
      assertTrue(said.contains("The landing folder " + path), said);
    }
  }

  @Test
  void aFolderThatVanishesFailsTheTaskAndTheNextOneMakesItAnew() throws IOException {
    try (Landing landing = new Landing(folder()).open(ZERO)) {
      landing.put(record(0));
      Files.move(folder(), temp.resolve("gone"));
      landing.nowMs += 10_000;
      String said = assertThrows(ConnectException.class, landing::put).getMessage();
      assertTrue(said.contains("The landing folder " + folder() + " cannot be written") && said.contains("no such file or folder"), said);
    }
    assertFalse(Files.exists(folder()));
    try (Landing landing = new Landing(folder()).open(ZERO)) {
      landing.feed(List.of(record(0), record(1)), 2);
    }
    assertEquals(upTo(2), Landing.offsets(folder()));
  }
}
