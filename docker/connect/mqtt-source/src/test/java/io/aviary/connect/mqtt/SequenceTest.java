package io.aviary.connect.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceTest {
  @Test
  void readsDecimalDigits() {
    assertEquals(0, Sequence.parse("0"));
    assertEquals(7, Sequence.parse("007"));
    assertEquals(999_999_999_999_999_999L, Sequence.parse("999999999999999999"));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "-1", "+1", "1.0", "1e3", "0x10", "٣", "1 ", "9223372036854775807", "null"})
  void anythingElseIsNoPosition(String text) {
    assertEquals(Sequence.NONE, Sequence.parse(text));
  }
}
