package io.aviary.connect.mqtt;

import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.source.SourceRecord;

/** A record that knows the delivery to acknowledge once Kafka has it. */
final class TrackedRecord extends SourceRecord {
  final Delivery delivery;
  /** The run it belongs to, or null. */
  final RunState run;
  final boolean deadLetter;

  /**
   * What a message outside any run leaves under the null partition, which Connect does not list. Not null: Connect
   * takes a null offset for a deletion, writes it to a second topic outside the transaction, and fails the task when
   * the next commit comes sooner (ConnectorOffsetBackingStore.set, Kafka 4.3).
   */
  static final Map<String, ?> OUTSIDE_RUNS = Map.of("outside-runs", true);

  /** Takes the run's offset as it is now: the record must be made right after its position was accepted. */
  TrackedRecord(Delivery delivery, RunState run, String topic, String key, byte[] value, Headers headers,
      boolean deadLetter) {
    super(run == null ? null : run.partition(), run == null ? OUTSIDE_RUNS : run.offset(), topic, null, Schema.OPTIONAL_STRING_SCHEMA, key,
        Schema.BYTES_SCHEMA, value, null, headers);
    this.delivery = delivery;
    this.run = run;
    this.deadLetter = deadLetter;
  }

  // The worker keeps records as keys of a map until the commit: by identity two equal messages stay two,
  // and no payload is hashed.
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
