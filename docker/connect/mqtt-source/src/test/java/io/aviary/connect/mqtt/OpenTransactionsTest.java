package io.aviary.connect.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aviary.connect.mqtt.OpenTransactions.LeftOpen;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OpenTransactionsTest {
  private static final TopicPartition TWEETS = new TopicPartition("tweets", 2);
  private static final TopicPartition OFFSETS = new TopicPartition("connect-offsets", 0);
  private static final OptionalLong OPEN = OptionalLong.of(16_700);
  private static final OptionalLong CLOSED = OptionalLong.empty();

  private static PartitionProducerState state(ProducerState... producers) {
    return new PartitionProducerState(List.of(producers));
  }

  private static ProducerState producer(long id, int epoch, OptionalLong open) {
    return new ProducerState(id, epoch, 410, 1_795_608_822_737L, OptionalInt.of(7), open);
  }

  private static TransactionDescription transaction(TransactionState state) {
    return new TransactionDescription(3, state, 1, 65, 10_000, OptionalLong.empty(), Set.of());
  }

  @Test
  void onlyWhatAnEarlierEpochHasOpenIsLeftOver() {
    PartitionProducerState state = state(
        producer(1, 63, OPEN), producer(1, 63, CLOSED), producer(1, 65, OPEN), producer(2, 5, OPEN));
    assertEquals(
        List.of(new LeftOpen(TWEETS, producer(1, 63, OPEN))),
        OpenTransactions.leftOpen(transaction(TransactionState.EMPTY), List.of(TWEETS), Map.of(TWEETS, state)));
  }

  @Test
  void partitionsAreReleasedInTheirOrder() {
    PartitionProducerState state = state(producer(1, 63, OPEN));
    assertEquals(
        List.of(TWEETS, OFFSETS),
        OpenTransactions.leftOpen(transaction(TransactionState.EMPTY), List.of(TWEETS, OFFSETS),
            Map.of(OFFSETS, state, TWEETS, state)).stream().map(LeftOpen::partition).toList());
  }

  @ParameterizedTest
  @EnumSource(TransactionState.class)
  void aCoordinatorThatMayBeWritingMarkersIsLetAlone(TransactionState state) {
    int left = switch (state) {
      case EMPTY, ONGOING, COMPLETE_ABORT, COMPLETE_COMMIT -> 1;
      default -> 0;
    };
    assertEquals(left, OpenTransactions.leftOpen(
        transaction(state), List.of(TWEETS), Map.of(TWEETS, state(producer(1, 63, OPEN)))).size());
  }

  @Test
  void theWatchReleasesTheOffsetsLast() {
    assertEquals(
        List.of("tweets", "dead", "configs", "offsets"),
        OpenTransactionsWatch.topicsOf(Map.of(OpenTransactionsWatch.TOPICS, "tweets,dead",
            "config.storage.topic", "configs", "offset.storage.topic", "offsets")));
  }

  @Test
  void theWatchLooksAfterTheTransactionsOfItsWorkerAlone() {
    assertTrue(OpenTransactionsWatch.isOf("aviary-connect", "aviary-connect-tweets-source-0"));
    assertTrue(OpenTransactionsWatch.isOf("aviary-connect", "connect-cluster-aviary-connect"));
    assertFalse(OpenTransactionsWatch.isOf("aviary-connect", "shop-orders"));
  }
}
