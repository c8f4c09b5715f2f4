package io.aviary.connect.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonPointer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonKeyTest {
  private static String key(String pointer, String json) throws JsonKey.Unreadable {
    return new JsonKey(JsonPointer.compile(pointer)).of(json.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"160881623", "9007199254740993", "18446744073709551615", "123456789012345678901234567890",
      "-7", "1.50", "1e2", "true"})
  void aScalarKeepsItsText(String scalar) throws JsonKey.Unreadable {
    assertEquals(scalar, key("/user_id", "{\"tweet\":\"t\",\"user_id\": " + scalar + " ,\"x\":[1,{\"user_id\":2}]}"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "/user_id | {\"user_id\":\"a\\u00e9\\\"b\"} | aé\"b",
      "/user_id | {\"user_id\":1,\"user_id\":2} | 2",
      "/user/id_str | {\"user\":{\"name\":\"n\",\"id_str\":\"77\"}} | 77",
      "/ids/1 | {\"ids\":[10,11,12]} | 11",
      "/ids/1/x | {\"ids\":[{\"x\":1},{\"x\":2}]} | 2",
      "/a~1b/m~0n | {\"a/b\":{\"m~n\":5}} | 5"})
  void followsThePointer(String pointer, String json, String expected) throws JsonKey.Unreadable {
    assertEquals(expected, key(pointer, json));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "/user_id | {}",
      "/user_id | {\"user_id\":null}",
      "/user_id | {\"user_id\":{\"a\":1}}",
      "/user_id | {\"user_id\":[1]}",
      "/user_id/x | {\"user_id\":7}",
      "/other | {\"user_id\":7}"})
  void nothingUsableIsNoKey(String pointer, String json) throws JsonKey.Unreadable {
    assertNull(key(pointer, json));
  }

  @Test
  void anEmptyPointerMeansNoKey() throws JsonKey.Unreadable {
    assertNull(key("", "{\"user_id\":7}"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "'' | EMPTY",
      "'  ' | EMPTY",
      "hello | INVALID_JSON",
      "{\"user_id\":1 | INVALID_JSON",
      "{\"user_id\":1}} | INVALID_JSON",
      "{\"user_id\":1}{\"user_id\":2} | INVALID_JSON",
      "{\"user_id\":1,} | INVALID_JSON",
      "{\"user_id\":1,\"t\":\"\\x\"} | INVALID_JSON",
      "{'user_id':1} | INVALID_JSON",
      "{\"user_id\":NaN} | INVALID_JSON",
      "{\"user_id\":1,\"a\":[1,2} | INVALID_JSON",
      "[1,2] | NOT_AN_OBJECT",
      "42 | NOT_AN_OBJECT",
      "null | NOT_AN_OBJECT"})
  void whatIsNoRowIsRefused(String json, DeadLetters.Reason reason) {
    assertEquals(reason, assertThrows(JsonKey.Unreadable.class, () -> key("/user_id", json)).reason);
  }

  @Test
  void brokenUtf8IsRefusedAlsoOutsideTheKey() {
    byte[] json = "{\"user_id\":1,\"tweet\":\"??\"}".getBytes(StandardCharsets.ISO_8859_1);
    json[json.length - 4] = (byte) 0xc3;
    json[json.length - 3] = (byte) 0x28;
    JsonKey keys = new JsonKey(JsonPointer.compile("/user_id"));
    assertEquals(DeadLetters.Reason.INVALID_JSON, assertThrows(JsonKey.Unreadable.class, () -> keys.of(json)).reason);
  }

  @Test
  void deepNestingIsRefusedInsteadOfOverflowingTheStack() {
    String json = "{\"user_id\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertEquals(DeadLetters.Reason.INVALID_JSON,
        assertThrows(JsonKey.Unreadable.class, () -> key("/user_id", json)).reason);
  }
}
