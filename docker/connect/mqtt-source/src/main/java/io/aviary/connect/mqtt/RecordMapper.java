package io.aviary.connect.mqtt;

import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import java.nio.ByteBuffer;
import java.util.Set;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Headers;

/** Turns a delivered MQTT message into the record for Kafka, for its topic or for the dead letters. */
final class RecordMapper {
  static final String SEQ = "seq";
  static final String MQTT_TOPIC = "mqtt.topic";
  static final String RECEIVED_AT = "mqtt.received-at";

  /** A longer run id could not be a key in the offset storage for long; it is treated as none. */
  static final int MAX_RUN_ID_CHARS = 256;

  // Set by the connector alone, so that readers can trust them: a publisher's property of that name is left out.
  private static final Set<String> RESERVED = Set.of(MQTT_TOPIC, RECEIVED_AT, DeadLetters.REASON,
      DeadLetters.DETAIL, DeadLetters.ORIGINAL_BYTES, DeadLetters.DROPPED_HEADERS);

  private static final ByteBuffer NO_PAYLOAD = ByteBuffer.allocate(0);

  private final String topic;
  private final String deadLetterTopic;
  private final int recordMaxBytes;
  private final JsonKey jsonKey;
  private final DeadLetters deadLetters;
  private final RunLedger runs;
  private final SourceMetrics metrics;

  RecordMapper(SourceConfig config, int producerMaxRequest, RunLedger runs, SourceMetrics metrics) {
    this.topic = config.getString(SourceConfig.KAFKA_TOPIC);
    this.deadLetterTopic = config.deadLetterTopic();
    this.recordMaxBytes = config.getInt(SourceConfig.RECORD_MAX_BYTES);
    this.jsonKey = new JsonKey(config.keyPointer());
    this.deadLetters = new DeadLetters(producerMaxRequest);
    this.runs = runs;
    this.metrics = metrics;
  }

  /** Returns null for a message of a run that is already recorded, or on its way. */
  TrackedRecord map(Delivery delivery) {
    ConnectHeaders headers = new ConnectHeaders();
    String runId = null;
    String seqText = null;
    for (Mqtt5UserProperty property : delivery.publish.getUserProperties().asList()) {
      String name = property.getName().toString();
      String value = property.getValue().toString();
      if (RESERVED.contains(name)) {
        continue;
      }
      headers.addString(name, value);
      if (runId == null && name.equals(RunLedger.RUN_ID)) {
        runId = value;
      } else if (seqText == null && name.equals(SEQ)) {
        seqText = value;
      }
    }
    headers.addString(MQTT_TOPIC, delivery.publish.getTopic().toString());
    headers.addString(RECEIVED_AT, Long.toString(delivery.receivedAtMs));

    RunState run = null;
    long seq = usableRunId(runId) ? Sequence.parse(seqText) : Sequence.NONE;
    if (seq != Sequence.NONE) {
      run = runs.run(runId);
      switch (run.accept(seq)) {
        case DUPLICATE -> {
          return null;
        }
        case UNTRACKED -> {
          metrics.untracked(runId, seq);
          run = null;
        }
        case NEW -> {
          run.sent();
          metrics.gaps(runId, run);
        }
      }
    }
    return record(delivery, run, headers);
  }

  private static boolean usableRunId(String runId) {
    return runId != null && !runId.isEmpty() && runId.length() <= MAX_RUN_ID_CHARS;
  }

  private TrackedRecord record(Delivery delivery, RunState run, Headers headers) {
    try {
      if (delivery.payloadBytes > recordMaxBytes) {
        throw tooLarge(delivery.payloadBytes);
      }
      byte[] value = delivery.publish.getPayloadAsBytes();
      String key = jsonKey.of(value);
      long bytes = RecordSize.of(headers, key, value.length);
      if (bytes > recordMaxBytes) {
        throw tooLarge(bytes);
      }
      return new TrackedRecord(delivery, run, topic, key, value, headers, false);
    } catch (JsonKey.Unreadable e) {
      metrics.poison(e.reason, e.getMessage());
      Headers why = deadLetters.headers(headers, e.reason, e.getMessage(), delivery.payloadBytes);
      byte[] value = deadLetters.value(delivery.publish.getPayload().orElse(NO_PAYLOAD), why);
      return new TrackedRecord(delivery, run, deadLetterTopic, null, value, why, true);
    }
  }

  private JsonKey.Unreadable tooLarge(long bytes) {
    return new JsonKey.Unreadable(DeadLetters.Reason.TOO_LARGE,
        bytes + " bytes are more than " + SourceConfig.RECORD_MAX_BYTES + "=" + recordMaxBytes);
  }
}
