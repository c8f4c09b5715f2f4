package io.aviary.connect.mqtt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * Checks that a payload is exactly one JSON object, the one thing Druid can read as a row, and finds its key
 * on the way. Streams: builds no tree, and numbers keep the digits they were written with.
 */
final class JsonKey {
  /** The payload cannot be a row; the reason is one of the {@code dlq.reason} values. */
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;
    final DeadLetters.Reason reason;

    Unreadable(DeadLetters.Reason reason, String detail) {
      // Poison may come in thousands: the reason is the message, a stack trace is only cost.
      super(detail, null, false, false);
      this.reason = reason;
    }
  }

  private final JsonFactory factory = JsonFactory.builder()
      // Names come from anybody: they must not pile up in the JVM's table of interned strings.
      .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
      .build();
  private final JsonPointer pointer;

  JsonKey(JsonPointer pointer) {
    this.pointer = pointer;
  }

  /**
   * Returns the text of the scalar at the pointer: a string, a number with exactly its digits, true or false.
   * Null when nothing, null, an object or an array stands there; the last of repeated names counts, as in Druid.
   */
  String of(byte[] json) throws Unreadable {
    try (JsonParser parser = factory.createParser(json)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw new Unreadable(DeadLetters.Reason.EMPTY, "the payload is empty");
      }
      if (first != JsonToken.START_OBJECT) {
        // A lone scalar may still be broken further on, but it is no row either way.
        throw new Unreadable(DeadLetters.Reason.NOT_AN_OBJECT, "the payload starts with " + first);
      }
      String key = inObject(parser, pointer);
      if (parser.nextToken() != null) {
        throw new Unreadable(DeadLetters.Reason.INVALID_JSON, "something follows the first object");
      }
      return key;
    } catch (JsonProcessingException e) {
      throw new Unreadable(DeadLetters.Reason.INVALID_JSON, describe(e));
    } catch (IOException e) {
      // Broken UTF-8 surfaces as a plain IOException; nothing else can fail in memory.
      throw new Unreadable(DeadLetters.Reason.INVALID_JSON, String.valueOf(e.getMessage()));
    }
  }

  private static String describe(JsonProcessingException e) {
    String at = e.getLocation() == null ? "" : " (at byte " + e.getLocation().getByteOffset() + ")";
    return e.getOriginalMessage() + at;
  }

  private String inObject(JsonParser parser, JsonPointer wanted) throws IOException {
    String found = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      if (wanted.matchesProperty(parser.currentName())) {
        found = value(parser, wanted.tail());
      } else {
        parser.nextToken();
        parser.skipChildren();
      }
    }
    return found;
  }

  private String inArray(JsonParser parser, JsonPointer wanted) throws IOException {
    String found = null;
    int index = 0;
    JsonToken token;
    while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
      if (wanted.matchesElement(index++)) {
        found = at(parser, token, wanted.tail());
      } else {
        parser.skipChildren();
      }
    }
    return found;
  }

  private String value(JsonParser parser, JsonPointer rest) throws IOException {
    return at(parser, parser.nextToken(), rest);
  }

  private String at(JsonParser parser, JsonToken token, JsonPointer rest) throws IOException {
    if (rest.matches()) {
      if (token.isScalarValue()) {
        return token == JsonToken.VALUE_NULL ? null : parser.getText();
      }
      parser.skipChildren();
      return null;
    }
    return switch (token) {
      case START_OBJECT -> inObject(parser, rest);
      case START_ARRAY -> inArray(parser, rest);
      default -> null;
    };
  }
}
