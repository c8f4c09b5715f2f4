package io.aviary.connect.mqtt;

import static org.apache.kafka.common.requests.TransactionResult.ABORT;
import static org.apache.kafka.common.requests.TransactionResult.COMMIT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Statuses as Kafka numbers them: 0 empty, 1 ongoing, 2 and 3 prepared, 4 and 5 complete, 7 being fenced. */
class TransactionHistoryTest {
  private final TransactionHistory history = new TransactionHistory();

  private void write(long producerId, int epoch, int... statuses) {
    for (int status : statuses) {
      ByteBuffer state = ByteBuffer.allocate(64);
      state.putShort((short) 1).putLong(producerId).putShort((short) epoch).putInt(10_000).put((byte) status);
      history.add(state.rewind());
    }
  }

  @Test
  void aTransactionKeepsItsResultAfterAnotherHasTakenOverTheId() {
    write(1000, 5, 1, 1);
    write(1000, 6, 2, 4);
    write(1000, 7, 0, 1, 7);
    write(1000, 9, 3, 5, 0);
    assertEquals(COMMIT, history.resultOf(1000, 5));
    assertEquals(ABORT, history.resultOf(1000, 7));
  }

  @Test
  void aBrokerThatDoesNotRaiseTheEpochWithEveryEndIsUnderstoodToo() {
    write(1000, 5, 1, 3, 5, 1, 2, 4);
    write(1000, 6, 0);
    assertEquals(COMMIT, history.resultOf(1000, 5));
  }

  @Test
  void whatHasNotBegunToEndOrIsUnknownIsRolledBack() {
    write(1000, 5, 1);
    assertEquals(ABORT, history.resultOf(1000, 5));
    assertEquals(ABORT, history.resultOf(1000, 4));
    assertEquals(ABORT, history.resultOf(2000, 5));
  }
}
