package io.aviary.connect.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OpenTransactionsTest {
  private static final TopicPartition PARTITION = new TopicPartition("tweets", 2);

  private static ProducerState producer(long id, OptionalLong open) {
    return new ProducerState(id, 63, 410, 1_795_608_822_737L, OptionalInt.of(7), open);
  }

  @Test
  void onlyWhatThisProducerHasLeftOpenIsRolledBack() {
    PartitionProducerState state = new PartitionProducerState(List.of(
        producer(1, OptionalLong.of(16_700)), producer(1, OptionalLong.empty()), producer(2, OptionalLong.of(5))));
    assertEquals(
        List.of(new AbortTransactionSpec(PARTITION, 1, (short) 63, 7)),
        OpenTransactions.leftOpen(1, Map.of(PARTITION, state)));
  }

  @ParameterizedTest
  @EnumSource(value = TransactionState.class, names = {"EMPTY", "COMPLETE_ABORT", "COMPLETE_COMMIT"})
  void aClosedTransactionCannotCloseItsPartitionsAnyMore(TransactionState state) {
    assertEquals(true, OpenTransactions.closed(state));
  }

  @ParameterizedTest
  @EnumSource(value = TransactionState.class, mode = EnumSource.Mode.EXCLUDE,
      names = {"EMPTY", "COMPLETE_ABORT", "COMPLETE_COMMIT"})
  void anyOtherIsLeftToItsCoordinator(TransactionState state) {
    assertEquals(false, OpenTransactions.closed(state));
  }
}
