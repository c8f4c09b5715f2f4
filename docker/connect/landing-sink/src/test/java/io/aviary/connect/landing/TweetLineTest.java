package io.aviary.connect.landing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TweetLineTest {
  private final TweetLine line = new TweetLine();

  private String text(SinkRecord record) throws IOException {
    line.of(record);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    line.writeTo(out);
    assertEquals(out.size(), line.size());
    String text = out.toString(StandardCharsets.UTF_8);
    assertEquals(text.length() - 1, text.indexOf('\n'), "one line feed, at the end");
    return text.substring(0, text.length() - 1);
  }

  private Map<String, String> members(String value, String... headers) throws IOException {
    return Landing.parse(text(Landing.record(12, value, headers)));
  }

  @Test
  void aTweetOfARun() throws IOException {
    String value = "{\"user_id\": 160881623, \"tweet\": \"a \\\"b\\\" \\n \\ud83d\\ude00 \u00e9\", \"timestamp\": \"2025-05-01T10:00:00Z\"}";
    assertEquals("{\"user_id\":\"160881623\",\"tweet\":\"a \\\"b\\\" \\n \\ud83d\\ude00 \u00e9\","
        + "\"timestamp\":\"2025-05-01T10:00:00Z\",\"run_id\":\"r-1\",\"seq\":7,\"sent_at\":1732000000001,"
        + "\"kafka_partition\":0,\"kafka_offset\":12,\"kafka_timestamp\":1732000000000,\"kafka_key\":\"42\"}",
        text(Landing.record(12, value, "run-id", "r-1", "seq", "7", "sent-at", "1732000000001", "mqtt.topic", "tweets")));
  }

  @Test
  void aTweetOfNoRun() throws IOException {
    SinkRecord bare = new SinkRecord("tweets", 2, null, null, null,
        "{\"timestamp\":\"t\",\"tweet\":\"\",\"user_id\":\"u\"}".getBytes(StandardCharsets.UTF_8), 0, null,
        TimestampType.NO_TIMESTAMP_TYPE);
    assertEquals("{\"user_id\":\"u\",\"tweet\":\"\",\"timestamp\":\"t\",\"run_id\":null,\"seq\":null,\"sent_at\":null,"
        + "\"kafka_partition\":2,\"kafka_offset\":0,\"kafka_timestamp\":null,\"kafka_key\":null}", text(bare));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "9007199254740993", "18446744073709551615", "123456789012345678901234567890123", "-7", "1.50", "1e2"})
  void anIdKeepsItsDigits(String id) throws IOException {
    for (String form : new String[] {"{\"user_id\":%s,\"tweet\":\"t\",\"timestamp\":\"s\"}",
        "{\"tweet\":\"t\",\"timestamp\":\"s\",\"user_id\": %s }"}) {
      assertEquals('"' + id + '"', members(String.format(form, id)).get("user_id"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\ud83d", "\\u0000\\u2028", "\u2028\u0085", "\\/\\\\", "\ud83d\udc26\u200d\ud83d\udd25", "{\\\"raw\\\":1}", ""})
  void aTextIsCopiedAsItStands(String tweet) throws IOException {
    String made = text(Landing.record(1, "\ufeff{\"user_id\":1,\"tweet\":\"" + tweet + "\",\"timestamp\":\"s\"} \r\n"));
    assertTrue(made.contains(",\"tweet\":\"" + tweet + "\",\"timestamp\""), made);
  }

  @Test
  void otherMembersAreLeftOutAndTheLastOfRepeatedOnesCounts() throws IOException {
    Map<String, String> members = members("{\"user_id\":[1],\"lang\":{\"tweet\":\"no\"},\"tweet\":\"a\",\"\\u0074weet\":\"b\","
        + "\"timestamp\":1732000000,\"user_id\":2,\"list\":[{\"user_id\":3}]}");
    assertEquals("\"2\"", members.get("user_id"));
    assertEquals("\"b\"", members.get("tweet"));
    assertEquals("\"1732000000\"", members.get("timestamp"));
    assertEquals(10, members.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hello\nworld", "42", "null", "[]", "{}", "{\"user_id\":1}", "{\"user_id\":1,\"tweet\":\"t\"}",
      "{\"user_id\":null,\"tweet\":\"t\",\"timestamp\":\"s\"}", "{\"user_id\":1,\"tweet\":2,\"timestamp\":\"s\"}",
      "{\"user_id\":{\"a\":1},\"tweet\":\"t\",\"timestamp\":\"s\"}", "{\"user_id\":1,\"tweet\":\"t\",\"timestamp\":\"s\"",
      "{\"user_id\":1,\"tweet\":\"t\",\"timestamp\":\"s\"}{}", "{\"user_id\":1,\"tweet\":\"\\x\",\"timestamp\":\"s\"}",
      "{\"user_id\":1,\"tweet\":\"a\tb\",\"timestamp\":\"s\"}", "{\"user_id\":true,\"tweet\":\"t\",\"timestamp\":\"s\"}"})
  void whatIsNoTweetIsKeptWhole(String value) throws IOException {
    Map<String, String> members = members(value, "run-id", "r", "seq", "3");
    assertEquals('"' + value + '"', members.get("raw"));
    assertEquals("\"r\"", members.get("run_id"));
    assertEquals("3", members.get("seq"));
    assertEquals("12", members.get("kafka_offset"));
    assertNull(members.get("user_id"));
  }

  @Test
  void anEmptyRecordAndOtherEncodingsAreKeptToo() throws IOException {
    assertEquals("null", members(null).get("raw"));
    String json = "{\"user_id\":1,\"tweet\":\"t\",\"timestamp\":\"s\"}";
    assertTrue(Landing.parse(text(Landing.record(0, 1, json.getBytes(StandardCharsets.UTF_16BE)))).containsKey("raw"));
    byte[] broken = json.getBytes(StandardCharsets.ISO_8859_1);
    broken[json.indexOf("\"t\"") + 1] = (byte) 0xff;
    String made = text(Landing.record(0, 1, broken));
    assertEquals('"' + json.replace("\"t\"", "\"\ufffd\"") + '"', Landing.parse(made).get("raw"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"7 | 7", "0 | 0", "999999999999999999 | 999999999999999999", "9999999999999999999 | null",
      "'' | null", "-1 | null", "007 | null", "1.0 | null", "x | null"})
  void aPositionIsANumberOrNothing(String header, String expected) throws IOException {
    assertEquals(expected, members("x", "run-id", "a\"\n\u0001\u00e9", "seq", header).get("seq"));
    assertEquals("\"a\"\n\u0001\u00e9\"", members("x", "run-id", "a\"\n\u0001\u00e9").get("run_id"));
  }
}
