package io.aviary.connect.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class AcknowledgementsTest {
  private final Acknowledgements acknowledgements = new Acknowledgements();

  private List<Delivery> arrive(Delivery.Origin origin, int count) {
    List<Delivery> deliveries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Delivery delivery = Deliveries.of(origin, new byte[] {'{', '}'});
      acknowledgements.add(delivery);
      deliveries.add(delivery);
    }
    return deliveries;
  }

  @Test
  void nothingIsAcknowledgedBeforeKafkaHasIt() {
    Deliveries.Wire wire = new Deliveries.Wire();
    arrive(wire, 3);
    assertEquals(List.of(), acknowledgements.release());
    assertEquals(List.of(), wire.acknowledged);
    assertEquals(3, acknowledgements.size());
  }

  @Test
  void aDuplicateWaitsForTheFirstDelivery() {
    Deliveries.Wire wire = new Deliveries.Wire();
    List<Delivery> arrived = arrive(wire, 2);
    arrived.get(1).confirm();
    acknowledgements.release();
    assertEquals(List.of(), wire.acknowledged);
    arrived.get(0).confirm();
    acknowledgements.release();
    assertEquals(arrived, wire.acknowledged);
  }

  /** Kafka confirms in any order and in any portions: the wire sees the order of arrival. */
  @RepeatedTest(50)
  void theOrderIsThatOfArrival(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    Deliveries.Wire wire = new Deliveries.Wire();
    List<Delivery> arrived = arrive(wire, 300);
    List<Delivery> confirmations = new ArrayList<>(arrived);
    Collections.shuffle(confirmations, random);
    for (Delivery delivery : confirmations) {
      delivery.confirm();
      if (random.nextInt(20) == 0) {
        acknowledgements.release();
        assertEquals(arrived.subList(0, wire.acknowledged.size()), wire.acknowledged);
        assertEquals(firstUnconfirmed(arrived), wire.acknowledged.size());
      }
    }
    acknowledgements.release();
    assertEquals(arrived, wire.acknowledged);
    assertEquals(0, acknowledgements.size());
  }

  private static int firstUnconfirmed(List<Delivery> arrived) {
    int count = 0;
    while (count < arrived.size() && arrived.get(count).confirmed()) {
      count++;
    }
    return count;
  }

  @Test
  void eachConnectionGetsItsOwnTogether() {
    Deliveries.Wire lost = new Deliveries.Wire();
    Deliveries.Wire current = new Deliveries.Wire();
    List<Delivery> before = arrive(lost, 3);
    List<Delivery> after = arrive(current, 4);
    before.forEach(Delivery::confirm);
    after.forEach(Delivery::confirm);
    acknowledgements.release();
    assertEquals(before, lost.acknowledged);
    assertEquals(after, current.acknowledged);
    assertEquals(1, lost.calls);
    assertEquals(1, current.calls);
  }
}
