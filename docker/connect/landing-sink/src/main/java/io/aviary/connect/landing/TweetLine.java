package io.aviary.connect.landing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * The line of a record. Texts are copied as they stand in the message, escapes included, and ids as their digits: nothing is
 * decoded, so nothing can change. What is no tweet is kept whole as {@code raw}, so that a record is always a line.
 */
final class TweetLine {
  static final String KAFKA_PARTITION = "kafka_partition";
  static final String KAFKA_OFFSET = "kafka_offset";

  /** A longer number may not fit the reader's 64 bits. */
  private static final int MAX_DIGITS = 18;
  private static final byte[] NULL = ascii("null");

  private final JsonFactory factory = JsonFactory.builder()
      // Names come from anybody: they must not pile up in the JVM's table of interned strings.
      .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
      .build();
  private final JsonStringEncoder strings = JsonStringEncoder.getInstance();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(1_024);

  // Of the message at hand, as JSON; null when it lacks it.
  private byte[] userId;
  private byte[] tweet;
  private byte[] timestamp;

  /** Makes the line of the record, its line feed included, in place of the one before. */
  void of(SinkRecord record) {
    byte[] value = bytes(record);
    line.reset();
    if (value != null && isTweet(value)) {
      member("{\"user_id\":", userId);
      member(",\"tweet\":", tweet);
      member(",\"timestamp\":", timestamp);
    } else {
      member("{\"raw\":", value == null ? NULL : quoted(new String(value, StandardCharsets.UTF_8)));
    }
    member(",\"run_id\":", quoted(header(record, "run-id")));
    member(",\"seq\":", digits(header(record, "seq")));
    member(",\"sent_at\":", digits(header(record, "sent-at")));
    member(",\"" + KAFKA_PARTITION + "\":", ascii(record.originalKafkaPartition().toString()));
    member(",\"" + KAFKA_OFFSET + "\":", ascii(Long.toString(record.originalKafkaOffset())));
    member(",\"kafka_timestamp\":", record.timestamp() == null ? NULL : ascii(record.timestamp().toString()));
    member(",\"kafka_key\":", quoted(record.key() == null ? null : record.key().toString()));
    line.writeBytes(ascii("}\n"));
  }

  int size() {
    return line.size();
  }

  void writeTo(OutputStream out) throws IOException {
    line.writeTo(out);
  }

  private void member(String name, byte[] value) {
    line.writeBytes(ascii(name));
    line.writeBytes(value);
  }

  private static byte[] bytes(SinkRecord record) {
    if (record.value() == null || record.value() instanceof byte[]) {
      return (byte[]) record.value();
    }
    throw new ConnectException("The value at " + record.originalTopic() + "-" + record.originalKafkaPartition() + " offset "
        + record.originalKafkaOffset() + " comes as " + record.value().getClass().getSimpleName()
        + ": set value.converter to org.apache.kafka.connect.converters.ByteArrayConverter");
  }

  /**
   * Whether it is exactly one object with all three members, which are then at hand. The last of repeated names counts, as in
   * Druid.
   */
  private boolean isTweet(byte[] json) {
    userId = null;
    tweet = null;
    timestamp = null;
    try (JsonParser parser = factory.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT || parser.currentTokenLocation().getByteOffset() < 0) {
        return false; // a negative place: not UTF-8, so its bytes could not be copied
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        switch (name) {
          case "user_id" -> userId = stringOrNumber(parser, token, json);
          case "tweet" -> tweet = token == JsonToken.VALUE_STRING ? copy(parser, json) : null;
          case "timestamp" -> timestamp = stringOrNumber(parser, token, json);
          default -> { }
        }
        parser.skipChildren();
      }
      return parser.nextToken() == null && userId != null && tweet != null && timestamp != null;
    } catch (IOException e) {
      return false; // broken JSON or UTF-8; nothing else can fail in memory
    }
  }

  /** A number becomes a string of exactly its characters. */
  private static byte[] stringOrNumber(JsonParser parser, JsonToken token, byte[] json) throws IOException {
    if (token == JsonToken.VALUE_STRING) {
      return copy(parser, json);
    }
    return token.isNumeric() ? ascii("\"" + parser.getText() + "\"") : null;
  }

  /** The string as it stands in the message, with its quotes; reading it to its end also checks it. */
  private static byte[] copy(JsonParser parser, byte[] json) throws IOException {
    int start = (int) parser.currentTokenLocation().getByteOffset();
    parser.finishToken();
    int end = (int) parser.currentLocation().getByteOffset();
    return Arrays.copyOfRange(json, start, end);
  }

  private static String header(SinkRecord record, String name) {
    Header header = record.headers().lastWithName(name);
    return header == null || header.value() == null ? null : header.value().toString();
  }

  private byte[] quoted(String text) {
    if (text == null) {
      return NULL;
    }
    byte[] inner = strings.quoteAsUTF8(text);
    byte[] all = new byte[inner.length + 2];
    all[0] = '"';
    System.arraycopy(inner, 0, all, 1, inner.length);
    all[all.length - 1] = '"';
    return all;
  }

  /** A header of digits alone as a number; null for anything else, because a line must be JSON. */
  private static byte[] digits(String text) {
    boolean usable = text != null && !text.isEmpty() && text.length() <= MAX_DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9') && (text.length() == 1 || text.charAt(0) != '0');
    return usable ? ascii(text) : NULL;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
