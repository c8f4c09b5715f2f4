package io.aviary.connect.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class InboxTest {
  private static Delivery delivery(int bytes) {
    return Deliveries.of(new Deliveries.Wire(), new byte[bytes]);
  }

  @Test
  void keepsTheOrderAndTheBatchSize() throws InterruptedException {
    Inbox inbox = new Inbox(1_000_000);
    List<Delivery> put = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      put.add(delivery(10));
      inbox.put(put.get(i));
    }
    assertEquals(put.subList(0, 3), inbox.take(3, 0, 0));
    assertEquals(put.subList(3, 5), inbox.take(3, 0, 0));
    assertEquals(List.of(), inbox.take(3, 0, 0));
  }

  @Test
  void isFullUntilEnoughIsAcknowledgedNotOnlyTaken() throws InterruptedException {
    Inbox inbox = new Inbox(100_000);
    assertTrue(inbox.put(delivery(60_000)));
    assertFalse(inbox.put(delivery(60_000)));
    List<Delivery> taken = inbox.take(10, 0, 0);
    assertFalse(inbox.hasRoom());
    inbox.release(taken.subList(0, 1));
    assertFalse(inbox.hasRoom(), "more than half is still held");
    inbox.release(taken.subList(1, 2));
    assertTrue(inbox.hasRoom());
  }

  @Test
  void aFullInboxDoesNotWaitForTheBatchToFill() throws InterruptedException {
    Inbox inbox = new Inbox(1_000);
    inbox.put(delivery(5_000));
    assertEquals(1, inbox.take(100, 3_600_000, 0).size());
  }

  @Test
  void wakesForTheFirstAndForAFullBatch() throws InterruptedException {
    Inbox inbox = new Inbox(1_000_000);
    Thread broker = new Thread(() -> {
      for (int i = 0; i < 50; i++) {
        inbox.put(delivery(1));
      }
    });
    broker.start();
    assertEquals(50, inbox.take(50, 3_600_000, 3_600_000).size());
    broker.join();
  }
}
