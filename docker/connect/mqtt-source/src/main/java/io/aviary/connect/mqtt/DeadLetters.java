package io.aviary.connect.mqtt;

import java.nio.ByteBuffer;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.header.Headers;

/**
 * Makes a record of a message that a reader of the Kafka topic could not use, so that it neither stops the
 * flow nor disappears. A dead letter of a run counts as recorded, or its run would never end.
 */
final class DeadLetters {
  static final String REASON = "dlq.reason";
  static final String DETAIL = "dlq.detail";
  static final String ORIGINAL_BYTES = "dlq.original-bytes";
  static final String DROPPED_HEADERS = "dlq.dropped-headers";

  /** Kept free in a producer request for the record's own framing and the headers added here. */
  static final int REQUEST_MARGIN_BYTES = 8_192;

  private static final int MAX_DETAIL_CHARS = 300;

  enum Reason {
    EMPTY("empty"),
    INVALID_JSON("invalid-json"),
    NOT_AN_OBJECT("not-an-object"),
    TOO_LARGE("too-large");

    final String text;

    Reason(String text) {
      this.text = text;
    }
  }

  private final int maxBytes;

  /** {@code producerMaxRequest}: the largest request of the producer, which no record may exceed. */
  DeadLetters(int producerMaxRequest) {
    this.maxBytes = Math.max(producerMaxRequest - REQUEST_MARGIN_BYTES, 0);
  }

  /** The original headers, in their order, and why the message is here; at most half of a request. */
  Headers headers(Headers original, Reason reason, String detail, int payloadBytes) {
    ConnectHeaders headers = new ConnectHeaders();
    int left = maxBytes / 2;
    int dropped = 0;
    for (Header header : original) {
      int bytes = RecordSize.ofHeader(header);
      if (bytes > left) {
        dropped++;
        continue;
      }
      left -= bytes;
      headers.add(header);
    }
    headers.addString(REASON, reason.text);
    headers.addString(DETAIL, detail.length() > MAX_DETAIL_CHARS ? detail.substring(0, MAX_DETAIL_CHARS) : detail);
    if (dropped > 0) {
      headers.addString(DROPPED_HEADERS, Integer.toString(dropped));
    }
    if (payloadBytes > room(headers)) {
      headers.addString(ORIGINAL_BYTES, Integer.toString(payloadBytes));
    }
    return headers;
  }

  /** The payload whole where a request can carry it beside {@code headers}, else its beginning. */
  byte[] value(ByteBuffer payload, Headers headers) {
    byte[] value = new byte[Math.min(payload.remaining(), room(headers))];
    payload.duplicate().get(value);
    return value;
  }

  private int room(Headers headers) {
    int bytes = 0;
    for (Header header : headers) {
      // It is added only after the room is known, and is small enough for the margin.
      bytes += header.key().equals(ORIGINAL_BYTES) ? 0 : RecordSize.ofHeader(header);
    }
    return Math.max(maxBytes - bytes, 0);
  }
}
