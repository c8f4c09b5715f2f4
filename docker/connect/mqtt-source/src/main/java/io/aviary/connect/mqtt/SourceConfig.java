package io.aviary.connect.mqtt;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.NO_DEFAULT_VALUE;
import static org.apache.kafka.common.config.ConfigDef.Range.between;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Type;

/** The connector's settings: each key with its default, bounds and documentation, in one place. */
final class SourceConfig extends AbstractConfig {
  static final String HOST = "mqtt.host";
  static final String PORT = "mqtt.port";
  static final String CLIENT_ID = "mqtt.client.id";
  static final String TOPIC_FILTER = "mqtt.topic.filter";
  static final String RECEIVE_MAXIMUM = "mqtt.receive.maximum";
  static final String SESSION_EXPIRY = "mqtt.session.expiry.seconds";
  static final String KEEP_ALIVE = "mqtt.keep.alive.seconds";
  static final String RECONNECT_BACKOFF_MAX = "mqtt.reconnect.backoff.max.ms";
  static final String PACKET_MAX_BYTES = "mqtt.packet.max.bytes";
  static final String BUFFER_BYTES = "mqtt.buffer.bytes";
  static final String USERNAME = "mqtt.username";
  static final String PASSWORD = "mqtt.password";
  static final String TLS = "mqtt.tls";
  static final String TLS_CA = "mqtt.tls.ca";
  static final String KAFKA_TOPIC = "kafka.topic";
  static final String BOOTSTRAP = "kafka.bootstrap.servers";
  static final String TRANSACTIONAL_ID = "kafka.transactional.id";
  static final String OFFSETS_TOPIC = "kafka.offsets.topic";
  static final String DEAD_LETTER_TOPIC = "dead.letter.topic";
  static final String KEY_POINTER = "key.pointer";
  static final String POLL_MAX_RECORDS = "poll.max.records";
  static final String POLL_LINGER = "poll.linger.ms";
  static final String RECORD_MAX_BYTES = "record.max.bytes";
  static final String RUNS_IN_MEMORY = "runs.in.memory";

  /** What follows is a setting of the Kafka client that looks for open transactions: the worker's own are not visible here. */
  static final String KAFKA_CLIENT_PREFIX = "kafka.client.";

  /** Not ours: the worker hands it to the producer, and no record may be larger. */
  static final String PRODUCER_MAX_REQUEST = "producer.override.max.request.size";

  static final int RECORD_MAX_BYTES_DEFAULT = 1_000_000;

  private static final int PRODUCER_MAX_REQUEST_DEFAULT = 1_048_576;
  private static final long NEVER_EXPIRES = 4_294_967_295L;

  static final ConfigDef DEFINITION = mqttKeys(kafkaKeys(new ConfigDef()));

  private static ConfigDef mqttKeys(ConfigDef keys) {
    return keys
        .define(HOST, Type.STRING, NO_DEFAULT_VALUE, SettingRules.HOST, HIGH,
            "Host name or address of the MQTT 5 broker.")
        .define(PORT, Type.INT, 1883, between(1, 65_535), HIGH,
            "Port of the MQTT broker; 8883 is usual with TLS.")
        .define(CLIENT_ID, Type.STRING, NO_DEFAULT_VALUE, SettingRules.CLIENT_ID, HIGH,
            "Names the persistent session at the broker. Must be this connector's own and must not change: "
                + "the broker keeps what arrives while the connector is away under this name.")
        .define(TOPIC_FILTER, Type.LIST, NO_DEFAULT_VALUE, SettingRules.TOPIC_FILTERS, HIGH,
            "MQTT topic filters to subscribe to, separated by commas. They should not overlap: a broker may "
                + "deliver a message once for each filter it matches.")
        .define(RECEIVE_MAXIMUM, Type.INT, 10_000, between(1, 65_535), MEDIUM,
            "Most messages taken in without an acknowledgement; above it the socket is not read.")
        .define(SESSION_EXPIRY, Type.LONG, 604_800L, between(0, NEVER_EXPIRES), MEDIUM,
            "How long the broker keeps the session and its backlog while the connector is away; 4294967295 is for ever.")
        .define(KEEP_ALIVE, Type.INT, 30, between(5, 65_535), LOW,
            "Longest silence on the connection before it is probed; a dead one is noticed within twice this time.")
        .define(RECONNECT_BACKOFF_MAX, Type.LONG, 5_000L, between(100, 300_000), LOW,
            "Longest wait between two attempts to connect; the first waits 200 ms and each failure doubles it.")
        .define(PACKET_MAX_BYTES, Type.INT, 16_777_216, between(65_536, 268_435_455), LOW,
            "Largest MQTT packet the broker may deliver, so that one message cannot exhaust the worker's memory. "
                + "A broker discards larger ones (MQTT 5, 3.1.2.11.4): have it refuse them when they are published.")
        .define(BUFFER_BYTES, Type.LONG, 33_554_432L, between(1_048_576, Long.MAX_VALUE), MEDIUM,
            "Memory for messages received and not yet acknowledged; above it the socket is not read.")
        .define(USERNAME, Type.STRING, null, LOW, "User name at the broker, if it asks for one.")
        .define(PASSWORD, Type.PASSWORD, null, LOW, "Password at the broker, if it asks for one.")
        .define(TLS, Type.BOOLEAN, false, LOW,
            "Connect by TLS, verifying the broker's certificate and name.")
        .define(TLS_CA, Type.STRING, "", LOW,
            "PEM file of the certificates to trust instead of the trust store of the worker's JVM.");
  }

  private static ConfigDef kafkaKeys(ConfigDef keys) {
    return keys
        .define(KAFKA_TOPIC, Type.STRING, NO_DEFAULT_VALUE, SettingRules.KAFKA_TOPIC, HIGH,
            "Kafka topic that receives the messages.")
        .define(BOOTSTRAP, Type.STRING, "", HIGH,
            "Where Kafka is. With it a task begins by rolling back what a transaction of an earlier one has left open in its "
                + "topics (KAFKA-20734); empty leaves that out, and after a kill of the broker records may be doubled.")
        .define(TRANSACTIONAL_ID, Type.STRING, "", HIGH,
            "Under which the worker runs this connector's one task: <group.id of the worker>-<name of the connector>-0.")
        .define(OFFSETS_TOPIC, Type.STRING, "connect-offsets", HIGH,
            "The worker's offset.storage.topic, in which the positions are stored with the records.")
        .define(DEAD_LETTER_TOPIC, Type.STRING, "", SettingRules.KAFKA_TOPIC_OR_EMPTY, MEDIUM,
            "Kafka topic for messages that a reader of " + KAFKA_TOPIC + " could not use; empty means "
                + "<" + KAFKA_TOPIC + ">-dead-letter.")
        .define(KEY_POINTER, Type.STRING, "/user_id", SettingRules.JSON_POINTER, MEDIUM,
            "JSON pointer (RFC 6901) to the value that becomes the record's key, as its text; empty for no key.")
        .define(POLL_MAX_RECORDS, Type.INT, 2_000, between(1, 100_000), LOW,
            "Most messages in one batch; with transaction.boundary=poll a batch is a transaction.")
        .define(POLL_LINGER, Type.LONG, 20L, between(0, 10_000), LOW,
            "How long a batch waits to fill: larger ones are cheaper, smaller ones sooner in Kafka.")
        .define(RECORD_MAX_BYTES, Type.INT, RECORD_MAX_BYTES_DEFAULT, between(1_024, 268_435_455), MEDIUM,
            "Largest record (value, key and headers) sent to " + KAFKA_TOPIC + "; larger ones are dead letters. "
                + "Must stay below the producer's max.request.size and the topic's max.message.bytes.")
        .define(RUNS_IN_MEMORY, Type.INT, 64, between(1, 10_000), LOW,
            "Replay runs whose recorded positions are kept in memory; others are read again when they go on.");
  }

  SourceConfig(Map<String, String> settings) {
    super(DEFINITION, settings, false);
  }

  List<String> topicFilters() {
    return getList(TOPIC_FILTER);
  }

  JsonPointer keyPointer() {
    return JsonPointer.compile(getString(KEY_POINTER));
  }

  String deadLetterTopic() {
    return deadLetterTopic(getString(KAFKA_TOPIC), getString(DEAD_LETTER_TOPIC));
  }

  static String deadLetterTopic(String kafkaTopic, String configured) {
    return configured == null || configured.isEmpty() ? kafkaTopic + "-dead-letter" : configured;
  }

  /** Largest request of this connector's producer. A default set at the worker is not visible here. */
  static int producerMaxRequest(Map<String, String> settings) {
    String override = settings.get(PRODUCER_MAX_REQUEST);
    if (override == null) {
      return PRODUCER_MAX_REQUEST_DEFAULT;
    }
    try {
      return Integer.parseInt(override.trim());
    } catch (NumberFormatException e) {
      return PRODUCER_MAX_REQUEST_DEFAULT; // the producer's own validation reports it
    }
  }
}
