package io.aviary.connect.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MqttSourceConnectorTest {
  private final MqttSourceConnector connector = new MqttSourceConnector();

  private static Map<String, String> settings(String... changes) {
    Map<String, String> settings = new HashMap<>(Map.of(
        "mqtt.host", "localhost",
        "mqtt.client.id", "aviary-connect",
        "mqtt.topic.filter", "tweets,tweets/#",
        "kafka.topic", "tweets"));
    for (int i = 0; i < changes.length; i += 2) {
      settings.put(changes[i], changes[i + 1]);
    }
    return settings;
  }

  private List<String> faulty(Map<String, String> settings) {
    List<String> names = new ArrayList<>();
    for (ConfigValue value : connector.validate(settings).configValues()) {
      if (!value.errorMessages().isEmpty()) {
        names.add(value.name());
      }
    }
    return names;
  }

  @Test
  void isFoundByTheWorker() {
    assertTrue(ServiceLoader.load(SourceConnector.class).stream()
        .anyMatch(provider -> provider.type() == MqttSourceConnector.class));
  }

  @Test
  void fourSettingsAreEnough() {
    assertEquals(List.of(), faulty(settings()));
    SourceConfig config = new SourceConfig(settings());
    assertEquals(List.of("tweets", "tweets/#"), config.topicFilters());
    assertEquals("tweets-dead-letter", config.deadLetterTopic());
  }

  @Test
  void everyMissingSettingIsReportedAtOnce() {
    List<String> faulty = faulty(Map.of());
    Collections.sort(faulty);
    assertEquals(List.of("kafka.topic", "mqtt.client.id", "mqtt.host", "mqtt.topic.filter"), faulty);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "mqtt.host | tcp://localhost", "mqtt.host | localhost:1883", "mqtt.host | ''", "mqtt.host | a b",
      "mqtt.port | 0", "mqtt.port | 65536", "mqtt.port | mqtt",
      "mqtt.client.id | ''",
      "mqtt.topic.filter | ''", "mqtt.topic.filter | tweets/#/x", "mqtt.topic.filter | tweets#",
      "mqtt.topic.filter | a+/b", "mqtt.topic.filter | tweets,tweets",
      "mqtt.receive.maximum | 0", "mqtt.receive.maximum | 65536",
      "mqtt.session.expiry.seconds | -1", "mqtt.session.expiry.seconds | 4294967296",
      "mqtt.keep.alive.seconds | 0", "mqtt.packet.max.bytes | 1", "mqtt.buffer.bytes | 1", "mqtt.tls | maybe",
      "kafka.topic | a/b", "kafka.topic | ..", "dead.letter.topic | a b", "dead.letter.topic | tweets",
      "key.pointer | user_id", "poll.max.records | 0", "poll.linger.ms | -1",
      "record.max.bytes | 0", "record.max.bytes | 1048000", "runs.in.memory | 0"})
  void refuses(String name, String value) {
    assertEquals(List.of(name), faulty(settings(name, value)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "mqtt.host | 127.0.0.1", "mqtt.host | ::1", "mqtt.host | fe80::1%eth0", "mqtt.host | mosquitto_1.lan",
      "mqtt.topic.filter | #", "mqtt.topic.filter | +/tweets/+", "mqtt.session.expiry.seconds | 4294967295",
      "key.pointer | ''", "key.pointer | /user/id_str", "mqtt.receive.maximum | 65535"})
  void accepts(String name, String value) {
    assertEquals(List.of(), faulty(settings(name, value)));
  }

  @Test
  void aLargerProducerRequestAllowsLargerRecords() {
    assertEquals(List.of(), faulty(settings("record.max.bytes", "4000000",
        "producer.override.max.request.size", "5000000")));
    assertEquals(List.of("record.max.bytes"), faulty(settings("producer.override.max.request.size", "500000")));
  }

  @Test
  void aPasswordNeedsAUserAndIsNeverShown() {
    assertEquals(List.of("mqtt.username"), faulty(settings("mqtt.password", "secret")));
    assertEquals(List.of(), faulty(settings("mqtt.password", "secret", "mqtt.username", "u")));
    assertFalse(new SourceConfig(settings("mqtt.password", "secret")).values().toString().contains("secret"));
  }

  @Test
  void certificatesToTrustNeedTls() {
    assertEquals(List.of("mqtt.tls"), faulty(settings("mqtt.tls.ca", "ca.pem")));
    assertEquals(List.of(), faulty(settings("mqtt.tls.ca", "ca.pem", "mqtt.tls", "true")));
  }

  @Test
  void everySettingIsDocumented() {
    connector.config().configKeys().forEach((name, key) ->
        assertTrue(key.documentation != null && key.documentation.length() > 10, name));
  }

  @Test
  void oneTaskKeepsTheOrder() {
    connector.start(settings());
    assertEquals(List.of(settings()), connector.taskConfigs(8));
    assertEquals(ExactlyOnceSupport.SUPPORTED, connector.exactlyOnceSupport(settings()));
  }

  @Test
  void offsetsCanBeForgottenOrSet() {
    Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
    offsets.put(Map.of("run-id", "finished"), null);
    offsets.put(Map.of("run-id", "resumed"), Map.of("seq", 41, "above", "50-60"));
    offsets.put(Map.of("run-id", "again"), Map.of("seq", -1L));
    assertTrue(connector.alterOffsets(settings(), offsets));
    assertTrue(connector.alterOffsets(settings(), Map.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "run-id"})
  void otherPartitionsAreRefused(String name) {
    Map<Map<String, ?>, Map<String, ?>> offsets = Map.of(Map.of(name, name.equals("run-id") ? "" : "r"), Map.of("seq", 1));
    assertThrows(ConnectException.class, () -> connector.alterOffsets(settings(), offsets));
  }

  @Test
  void otherOffsetsAreRefused() {
    List<Map<String, ?>> refused = List.of(Map.of(), Map.of("seq", "1"), Map.of("seq", 1, "above", "1-2"),
        Map.of("seq", 1, "below", "x"));
    for (Map<String, ?> offset : refused) {
      assertThrows(ConnectException.class,
          () -> connector.alterOffsets(settings(), Map.of(Map.of("run-id", "r"), offset)), offset.toString());
    }
  }
}
