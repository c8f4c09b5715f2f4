package io.aviary.connect.mqtt;

/** Counts since the task started, by JMX as {@code io.aviary.connect.mqtt:type=source,connector=NAME}. */
public interface SourceMetricsMXBean {
  /** Messages delivered by the broker, repeated deliveries included. */
  long getReceived();

  /** Records committed to the Kafka topic. */
  long getRecorded();

  /** Messages of a run that were recorded already, dropped. */
  long getDuplicates();

  /** Records committed to the dead letter topic. */
  long getDeadLettered();

  /** Messages acknowledged to the broker. */
  long getAcknowledged();

  /** Messages received and not yet acknowledged. */
  long getPending();

  /** Whether the connector is connected and subscribed at the broker. */
  boolean isConnected();
}
