package io.aviary.connect.mqtt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.connect.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordMapperTest {
  private static final String TWEET = "{\"user_id\": 18446744073709551615, \"tweet\": \"\u00e9\", \"timestamp\": \"2025\"}";
  private static final int REQUEST = 65_536;

  private final Map<String, Map<String, Object>> stored = new HashMap<>();
  private final RecordMapper mapper = mapper(2_000);

  private RecordMapper mapper(int recordMaxBytes) {
    SourceConfig config = new SourceConfig(Map.of(
        SourceConfig.HOST, "localhost",
        SourceConfig.CLIENT_ID, "c",
        SourceConfig.TOPIC_FILTER, "tweets/#",
        SourceConfig.KAFKA_TOPIC, "tweets",
        SourceConfig.RECORD_MAX_BYTES, Integer.toString(recordMaxBytes)));
    RunLedger runs = new RunLedger(10, partition -> stored.get(partition.get("run-id")));
    return new RecordMapper(config, REQUEST, runs, new SourceMetrics("test"));
  }

  private static Map<String, Object> headers(TrackedRecord record) {
    Map<String, Object> headers = new LinkedHashMap<>();
    for (Header header : record.headers()) {
      assertNull(headers.put(header.key(), header.value()), "each header once");
    }
    return headers;
  }

  @Test
  void aTweetOfARun() {
    TrackedRecord record = mapper.map(Deliveries.of(TWEET, "run-id", "r", "seq", "0", "sent-at", "1700000000000"));
    assertEquals("tweets", record.topic());
    assertEquals("18446744073709551615", record.key());
    assertArrayEquals(TWEET.getBytes(StandardCharsets.UTF_8), (byte[]) record.value());
    assertEquals(Map.of("run-id", "r"), record.sourcePartition());
    assertEquals(Map.of("seq", 0L), record.sourceOffset());
    assertNull(record.kafkaPartition());
    assertFalse(record.deadLetter);
    assertEquals(Map.of("run-id", "r", "seq", "0", "sent-at", "1700000000000", "mqtt.topic", "tweets/42",
        "mqtt.received-at", "1700000000123"), headers(record));
  }

  @Test
  void aMessageOfAnyOtherClientHasNoPosition() {
    TrackedRecord record = mapper.map(Deliveries.of(TWEET));
    assertNull(record.sourcePartition());
    assertNotNull(record.sourceOffset(), "to Connect a null offset is a deletion, which fails the task");
    assertEquals("18446744073709551615", record.key());
    assertNotNull(mapper.map(Deliveries.of(TWEET)), "the same again is another message");
  }

  @Test
  void whatIsRecordedIsNotSentAgain() {
    stored.put("r", Map.of("seq", 4L, "above", "7-8"));
    assertNull(mapper.map(Deliveries.of(TWEET, "run-id", "r", "seq", "4")));
    assertNull(mapper.map(Deliveries.of(TWEET, "run-id", "r", "seq", "8")));
    TrackedRecord repair = mapper.map(Deliveries.of(TWEET, "run-id", "r", "seq", "5"));
    assertEquals(Map.of("seq", 5L, "above", "7-8"), repair.sourceOffset());
    assertNull(mapper.map(Deliveries.of(TWEET, "run-id", "r", "seq", "5")));
    assertEquals(Map.of("seq", 8L), mapper.map(Deliveries.of(TWEET, "run-id", "r", "seq", "6")).sourceOffset());
  }

  @Test
  void anOffsetCoversItsRecordAndNothingLater() {
    TrackedRecord first = mapper.map(Deliveries.of(TWEET, "run-id", "r", "seq", "0"));
    mapper.map(Deliveries.of(TWEET, "run-id", "r", "seq", "1"));
    assertEquals(Map.of("seq", 0L), first.sourceOffset());
  }

  @ParameterizedTest
  @CsvSource({"r,-1", "r,x", "r,''", "r,9223372036854775807", "'',3"})
  void anUnusablePositionDoesNotStopTheFlow(String runId, String seq) {
    TrackedRecord record = mapper.map(Deliveries.of(TWEET, "run-id", runId, "seq", seq));
    assertEquals("tweets", record.topic());
    assertNull(record.sourcePartition());
    assertEquals(seq, headers(record).get("seq"));
  }

  @Test
  void runIdOrSeqAloneIsNoPosition() {
    assertNull(mapper.map(Deliveries.of(TWEET, "run-id", "r")).sourcePartition());
    assertNull(mapper.map(Deliveries.of(TWEET, "seq", "1")).sourcePartition());
    assertNull(mapper.map(Deliveries.of(TWEET, "run-id", "r".repeat(257), "seq", "0")).sourcePartition());
  }

  @Test
  void nobodyElseSetsTheConnectorsHeaders() {
    TrackedRecord record = mapper.map(Deliveries.of(TWEET, "mqtt.topic", "forged", "dlq.reason", "forged", "other", "x"));
    assertEquals(Map.of("mqtt.topic", "tweets/42", "mqtt.received-at", "1700000000123", "other", "x"), headers(record));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"'' | empty", "no json | invalid-json", "[1] | not-an-object"})
  void poisonOfARunIsADeadLetterAndCounts(String payload, String reason) {
    TrackedRecord record = mapper.map(Deliveries.of(payload, "run-id", "r", "seq", "0"));
    assertEquals("tweets-dead-letter", record.topic());
    assertTrue(record.deadLetter);
    assertNull(record.key());
    assertEquals(payload, new String((byte[]) record.value(), StandardCharsets.UTF_8));
    assertEquals(Map.of("seq", 0L), record.sourceOffset());
    assertEquals(reason, headers(record).get("dlq.reason"));
    assertEquals("0", headers(record).get("seq"));
    assertEquals("tweets/42", headers(record).get("mqtt.topic"));
    assertNotNull(headers(record).get("dlq.detail"));
    assertNull(headers(record).get("dlq.original-bytes"));
  }

  @Test
  void whatARequestCanCarryIsKeptWhole() {
    String large = "{\"user_id\":1,\"tweet\":\"" + "x".repeat(10_000) + "\"}";
    TrackedRecord record = mapper.map(Deliveries.of(large));
    assertEquals("too-large", headers(record).get("dlq.reason"));
    assertEquals(large, new String((byte[]) record.value(), StandardCharsets.UTF_8));
    assertNull(headers(record).get("dlq.original-bytes"));
  }

  @Test
  void whatNoRequestCanCarryIsCut() {
    String huge = "{\"user_id\":1,\"tweet\":\"" + "x".repeat(100_000) + "\"}";
    TrackedRecord record = mapper.map(Deliveries.of(huge, "run-id", "r", "seq", "0"));
    byte[] value = (byte[]) record.value();
    assertTrue(RecordSize.of(record.headers(), null, value.length) < REQUEST);
    assertTrue(value.length > REQUEST - DeadLetters.REQUEST_MARGIN_BYTES - 1_000, "no more is cut than needed");
    assertTrue(huge.startsWith(new String(value, StandardCharsets.UTF_8)));
    assertEquals(Integer.toString(huge.length()), headers(record).get("dlq.original-bytes"));
    assertEquals(Map.of("seq", 0L), record.sourceOffset());
  }

  @ParameterizedTest
  @ValueSource(ints = {1_500, 30_000, 60_000})
  void headersCountAsWell(int bytes) {
    TrackedRecord record = mapper.map(Deliveries.of(TWEET, "note", "\u00e9".repeat(bytes / 2), "run-id", "r", "seq", "0"));
    boolean fits = bytes < 1_600;
    assertEquals(fits ? "tweets" : "tweets-dead-letter", record.topic());
    assertTrue(RecordSize.of(record.headers(), null, ((byte[]) record.value()).length) < REQUEST);
    if (!fits) {
      boolean kept = bytes <= (REQUEST - DeadLetters.REQUEST_MARGIN_BYTES) / 2 - 14;
      assertEquals(kept ? null : "1", headers(record).get("dlq.dropped-headers"));
      assertEquals("r", headers(record).get("run-id"), "a small header behind a dropped one stays");
    }
  }

  @Test
  void equalMessagesStayTwoRecords() {
    TrackedRecord one = mapper.map(Deliveries.of(TWEET));
    TrackedRecord other = mapper.map(Deliveries.of(TWEET));
    assertNotEquals(one, other);
    assertEquals(one, one);
  }
}
