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

  /** {@code partition} and {@code offset} are null for messages outside any run: Connect stores nothing for them. */
  TrackedRecord(Delivery delivery, RunState run, Map<String, ?> offset, String topic, String key, byte[] value,
      Headers headers, boolean deadLetter) {
    super(run == null ? null : run.partition(), offset, topic, null, Schema.OPTIONAL_STRING_SCHEMA, key,
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
