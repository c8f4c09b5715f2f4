package io.aviary.connect.mqtt;

import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.header.Headers;

/** Upper bound of what a record takes in a producer request, before compression. */
final class RecordSize {
  /** Lengths, timestamps and offsets of a record, and of the batch when it travels alone. */
  private static final int FRAMING_BYTES = 128;

  private static final int HEADER_FRAMING_BYTES = 10;

  private RecordSize() {}

  static long of(Headers headers, String key, int valueBytes) {
    long bytes = FRAMING_BYTES + (long) valueBytes + (key == null ? 0 : utf8(key));
    for (Header header : headers) {
      bytes += ofHeader(header);
    }
    return bytes;
  }

  static int ofHeader(Header header) {
    return HEADER_FRAMING_BYTES + utf8(header.key()) + utf8((String) header.value());
  }

  /** Bytes of the text in UTF-8, without encoding it. */
  private static int utf8(String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > 0x7f) {
        // A surrogate pair counts 2 × 2 bytes, which is its 4; other characters 2 or 3.
        bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
      }
    }
    return bytes;
  }
}
