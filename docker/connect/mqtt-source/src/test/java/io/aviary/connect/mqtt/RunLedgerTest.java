package io.aviary.connect.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

class RunLedgerTest {
  private final Map<String, Map<String, Object>> stored = new HashMap<>();
  private final List<String> reads = new ArrayList<>();

  private RunLedger ledger(int limit) {
    return new RunLedger(limit, partition -> {
      reads.add(partition.get("run-id"));
      return stored.get(partition.get("run-id"));
    });
  }

  @Test
  void readsEachRunOnce() {
    stored.put("a", Map.of("seq", 41L));
    RunLedger runs = ledger(10);
    assertEquals(41, runs.run("a").watermark());
    assertSame(runs.run("a"), runs.run("a"));
    assertEquals(-1, runs.run("b").watermark());
    assertEquals(List.of("a", "b"), reads);
  }

  @Test
  void theLeastRecentlyUsedLeavesAndIsReadAgain() {
    RunLedger runs = ledger(2);
    RunState a = runs.run("a");
    runs.run("b");
    runs.run("a");
    runs.run("c");
    assertEquals(2, runs.size());
    assertSame(a, runs.run("a"));
    stored.put("b", Map.of("seq", 9L));
    assertEquals(9, runs.run("b").watermark());
    assertEquals(List.of("a", "b", "c", "b"), reads);
  }

  @Test
  void aRunWithUnrecordedMessagesStaysWhateverTheLimit() {
    RunLedger runs = ledger(1);
    RunState a = runs.run("a");
    a.sent();
    runs.run("b");
    runs.run("c");
    assertSame(a, runs.run("a"));
    a.recorded();
    runs.run("d");
    assertNotSame(a, runs.run("a"));
  }

  @Test
  void anUnreadableOffsetIsNotGuessed() {
    stored.put("a", Map.of("seq", "many"));
    ConnectException e = assertThrows(ConnectException.class, () -> ledger(1).run("a"));
    assertEquals("The stored offset of run a cannot be read: 'seq' must be an integer of at least -1, not many",
        e.getMessage());
  }
}
