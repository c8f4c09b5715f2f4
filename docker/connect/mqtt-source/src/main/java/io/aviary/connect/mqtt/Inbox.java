package io.aviary.connect.mqtt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the broker has delivered and the worker has not yet taken, in order of arrival. Counts bytes until
 * they are acknowledged, so that a connection can stop reading its socket before memory runs out.
 */
final class Inbox {
  private final long maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition enough = lock.newCondition();
  private final ArrayDeque<Delivery> deliveries = new ArrayDeque<>();
  private long heldBytes;
  private int wanted = Integer.MAX_VALUE;

  Inbox(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Never blocks and never refuses; false once no more should be read for now. */
  boolean put(Delivery delivery) {
    lock.lock();
    try {
      deliveries.addLast(delivery);
      heldBytes += delivery.heapBytes();
      // The taker says how many it waits for: waking it for each message would cost more than the message.
      boolean room = heldBytes < maxBytes;
      if (deliveries.size() >= wanted || !room) {
        enough.signal();
      }
      return room;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits up to {@code idleMs} for a first message, then up to {@code lingerMs} for the batch to fill;
   * empty when nothing came.
   */
  List<Delivery> take(int max, long lingerMs, long idleMs) throws InterruptedException {
    lock.lock();
    try {
      await(1, idleMs);
      // A full inbox receives nothing more: waiting for it to fill up would only pass time.
      if (!deliveries.isEmpty() && heldBytes < maxBytes) {
        await(max, lingerMs);
      }
      int size = Math.min(max, deliveries.size());
      List<Delivery> batch = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        batch.add(deliveries.pollFirst());
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void await(int size, long timeoutMs) throws InterruptedException {
    long left = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    wanted = size;
    try {
      while (deliveries.size() < size && left > 0 && (deliveries.isEmpty() || heldBytes < maxBytes)) {
        left = enough.awaitNanos(left);
      }
    } finally {
      wanted = Integer.MAX_VALUE;
    }
  }

  /** Gives back the memory of acknowledged deliveries. */
  void release(List<Delivery> acknowledged) {
    lock.lock();
    try {
      for (Delivery delivery : acknowledged) {
        heldBytes -= delivery.heapBytes();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether a connection that stopped reading may go on. */
  boolean hasRoom() {
    lock.lock();
    try {
      return heldBytes < maxBytes / 2;
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return deliveries.size();
    } finally {
      lock.unlock();
    }
  }
}
