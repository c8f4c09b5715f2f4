package io.aviary.connect.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aviary.connect.mqtt.RunState.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunStateTest {
  private static final Map<String, String> PARTITION = Map.of("run-id", "r");

  private static RunState fresh() {
    return RunState.restore(PARTITION, null);
  }

  @Test
  void inOrderNeedsNoRanges() {
    RunState state = fresh();
    for (long seq = 0; seq < 1000; seq++) {
      assertEquals(Verdict.NEW, state.accept(seq));
      assertEquals(Map.of("seq", seq), state.offset());
    }
    assertEquals(Verdict.DUPLICATE, state.accept(999));
  }

  @Test
  void aRepairBelowTheHighestIsNew() {
    RunState state = fresh();
    LongStream.of(0, 1, 5, 6, 7, 9).forEach(state::accept);
    assertEquals(Map.of("seq", 1L, "above", "5-7,9-9"), state.offset());
    assertEquals(Verdict.DUPLICATE, state.accept(6));
    assertEquals(Verdict.NEW, state.accept(8));
    assertEquals(Map.of("seq", 1L, "above", "5-9"), state.offset());
    LongStream.of(2, 4).forEach(state::accept);
    assertEquals(Map.of("seq", 2L, "above", "4-9"), state.offset());
    assertEquals(Verdict.NEW, state.accept(3));
    assertEquals(Map.of("seq", 9L), state.offset());
  }

  /** Any order with repetitions and restarts in between: exactly the distinct numbers are new, once each. */
  @RepeatedTest(200)
  void agreesWithAPlainSet(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int size = 1 + random.nextInt(400);
    List<Long> arrivals = new ArrayList<>();
    for (long seq = 0; seq < size; seq++) {
      for (int times = random.nextInt(3); times >= 0; times--) {
        arrivals.add(seq);
      }
    }
    Collections.shuffle(arrivals, random);

    RunState state = fresh();
    Set<Long> seen = new HashSet<>();
    for (long seq : arrivals) {
      assertEquals(seen.add(seq) ? Verdict.NEW : Verdict.DUPLICATE, state.accept(seq));
      assertEquals(seen, expand(state.offset()));
      if (random.nextInt(10) == 0) {
        Map<String, ?> stored = state.offset();
        state = RunState.restore(PARTITION, stored);
        assertEquals(stored, state.offset());
      }
    }
    assertEquals(Map.of("seq", (long) size - 1), state.offset());
  }

  private static Set<Long> expand(Map<String, ?> offset) {
    Set<Long> numbers = new HashSet<>();
    LongStream.rangeClosed(0, (Long) offset.get("seq")).forEach(numbers::add);
    String above = (String) offset.get("above");
    if (above != null) {
      for (String range : above.split(",")) {
        String[] ends = range.split("-");
        LongStream.rangeClosed(Long.parseLong(ends[0]), Long.parseLong(ends[1])).forEach(numbers::add);
      }
    }
    return numbers;
  }

  @Test
  void rangesOfBillionsCostNothing() {
    long last = 999_999_999_999_999_998L;
    RunState state = RunState.restore(PARTITION, Map.of("seq", 3_000_000_000L, "above", "5000000000-" + (last - 1)));
    assertEquals(Verdict.DUPLICATE, state.accept(3_000_000_000L));
    assertEquals(Verdict.DUPLICATE, state.accept(7_777_777_777L));
    assertEquals(Verdict.NEW, state.accept(last));
    assertEquals(Verdict.NEW, state.accept(3_000_000_001L));
    assertEquals(Map.of("seq", 3_000_000_001L, "above", "5000000000-" + last), state.offset());
  }

  @Test
  void anOffsetReadBackAsIntIsTheSame() {
    assertEquals(7, RunState.restore(PARTITION, Map.of("seq", 7)).watermark());
  }

  @Test
  void beyondTheLimitOfRangesNothingIsRememberedNorForgotten() {
    RunState state = fresh();
    for (int i = 0; i < RunState.MAX_RANGES; i++) {
      assertEquals(Verdict.NEW, state.accept(10L + 2L * i));
    }
    Map<String, ?> full = state.offset();
    assertEquals(Verdict.UNTRACKED, state.accept(1_000_000));
    assertEquals(full, state.offset());
    assertEquals(Verdict.NEW, state.accept(11), "joining two ranges makes room");
    assertEquals(Verdict.NEW, state.accept(1_000_000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "5-", "-5", "7-5", "a-b", "5-6,", ",5-6", "5-6,6-7", "5-6,7-8", "9-9,5-6", "1-4", "2-4", "5-6 "})
  void refusesRangesItWouldNotWrite(String above) {
    assertThrows(IllegalArgumentException.class,
        () -> RunState.restore(PARTITION, Map.of("seq", 1L, "above", above)));
  }

  @Test
  void refusesOtherWatermarks() {
    assertThrows(IllegalArgumentException.class, () -> RunState.restore(PARTITION, Map.of()));
    assertThrows(IllegalArgumentException.class, () -> RunState.restore(PARTITION, Map.of("seq", "7")));
    assertThrows(IllegalArgumentException.class, () -> RunState.restore(PARTITION, Map.of("seq", 7.5)));
    assertThrows(IllegalArgumentException.class, () -> RunState.restore(PARTITION, Map.of("seq", -2L)));
  }

  @Test
  void isSettledOnceEverythingSentIsRecorded() {
    RunState state = fresh();
    assertTrue(state.settled());
    state.sent();
    state.sent();
    state.recorded();
    assertFalse(state.settled());
    state.recorded();
    assertTrue(state.settled());
  }
}
