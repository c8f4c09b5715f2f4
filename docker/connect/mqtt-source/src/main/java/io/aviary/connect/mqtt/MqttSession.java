package io.aviary.connect.mqtt;

import java.util.concurrent.TimeUnit;

/**
 * Keeps one connection to the broker for as long as the task runs, trying again for ever. Nothing blocks:
 * the worker allows a task a few seconds to stop. Task thread only.
 */
final class MqttSession {
  private static final long FIRST_BACKOFF_MS = 200;

  /** A connection that held this long was good; a shorter one keeps the backoff growing. */
  private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final SourceConfig config;
  private final Inbox inbox;
  private final SourceMetrics metrics;
  private final long maxBackoffMs;
  private MqttConnection connection;
  private long openedNanos;
  private long nextAttemptNanos = System.nanoTime();
  private long backoffMs = FIRST_BACKOFF_MS;

  MqttSession(SourceConfig config, Inbox inbox, SourceMetrics metrics) {
    this.config = config;
    this.inbox = inbox;
    this.metrics = metrics;
    this.maxBackoffMs = config.getLong(SourceConfig.RECONNECT_BACKOFF_MAX);
  }

  /** Opens the connection when there is none and it is time; called with every poll. */
  void keepUp() throws InterruptedException {
    if (connection != null && connection.state() == MqttConnection.State.DOWN) {
      scheduleNext();
    }
    if (connection == null && System.nanoTime() - nextAttemptNanos >= 0) {
      // What the lost connection has delivered stays in the inbox, before what comes now: the broker may have
      // forgotten it (Mosquitto after a kill), and for runs a repeated delivery is recognised.
      connection = MqttConnection.open(config, inbox, metrics);
      openedNanos = System.nanoTime();
    }
  }

  private void scheduleNext() throws InterruptedException {
    long now = System.nanoTime();
    if (connection.replaced()) {
      backoffMs = maxBackoffMs;
    } else if (now - openedNanos >= STABLE_NANOS) {
      backoffMs = Math.min(FIRST_BACKOFF_MS, maxBackoffMs);
    }
    connection.close();
    connection = null;
    nextAttemptNanos = now + TimeUnit.MILLISECONDS.toNanos(backoffMs);
    backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
  }

  void memoryFreed() {
    if (connection != null) {
      connection.memoryFreed();
    }
  }

  void close() throws InterruptedException {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
