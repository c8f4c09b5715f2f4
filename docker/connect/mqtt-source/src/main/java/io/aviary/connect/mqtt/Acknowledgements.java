package io.aviary.connect.mqtt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Releases deliveries to be acknowledged in the order of their arrival, whatever the order in which Kafka
 * confirms them: MQTT requires it (5.0, section 4.6), and a broker redelivers what is left in that order.
 *
 * <p>Locked because without exactly-once the worker confirms and commits from other threads.
 */
final class Acknowledgements {
  private final ArrayDeque<Delivery> pending = new ArrayDeque<>();

  synchronized void add(Delivery delivery) {
    pending.addLast(delivery);
  }

  /** Acknowledges every delivery that has none unconfirmed before it; returns them. */
  synchronized List<Delivery> release() {
    List<Delivery> released = new ArrayList<>();
    while (!pending.isEmpty() && pending.peekFirst().confirmed()) {
      released.add(pending.pollFirst());
    }
    int start = 0;
    for (int end = 1; end <= released.size(); end++) {
      if (end == released.size() || released.get(end).origin != released.get(start).origin) {
        released.get(start).origin.acknowledge(released.subList(start, end));
        start = end;
      }
    }
    return released;
  }

  synchronized int size() {
    return pending.size();
  }
}
