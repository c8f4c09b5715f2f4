package io.aviary.connect.landing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LandingSinkConnectorTest {
  private final LandingSinkConnector connector = new LandingSinkConnector();

  private static Map<String, String> settings(String... changes) {
    return Landing.settings(Path.of("/landing"), changes);
  }

  private List<String> faulty(Map<String, String> settings) {
    TreeSet<String> names = new TreeSet<>();
    for (ConfigValue value : connector.validate(settings).configValues()) {
      if (!value.errorMessages().isEmpty()) {
        names.add(value.name());
      }
    }
    return List.copyOf(names);
  }

  @Test
  void isFoundByTheWorker() {
    assertTrue(ServiceLoader.load(SinkConnector.class).stream()
        .anyMatch(provider -> provider.type() == LandingSinkConnector.class));
  }

  @Test
  void fourSettingsAreEnough() {
    assertEquals(List.of(), faulty(settings()));
    assertEquals(Path.of("/landing"), new LandingConfig(settings()).folder());
  }

  @Test
  void everyMissingSettingIsReportedAtOnce() {
    assertEquals(List.of("consumer.override.auto.offset.reset", "consumer.override.isolation.level", "landing.folder", "topics"),
        faulty(Map.of()));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "topics | tweets,other", "topics | ' '",
      "consumer.override.isolation.level | read_uncommitted", "consumer.override.auto.offset.reset | latest",
      "landing.folder | landing", "landing.folder | /", "landing.folder | ''",
      "flush.ms | 0", "flush.ms | soon", "file.max.bytes | 0", "file.max.bytes | 99999999999"})
  void refuses(String name, String value) {
    assertEquals(List.of(name), faulty(settings(name, value)));
  }

  @Test
  void everySettingIsDocumented() {
    connector.config().configKeys().forEach((name, key) ->
        assertTrue(key.documentation != null && key.documentation.length() > 10, name));
  }

  @Test
  void tasksShareTheFolder() {
    connector.start(settings());
    assertEquals(List.of(settings(), settings(), settings()), connector.taskConfigs(3));
  }

  @Test
  void offsetsCannotBeSetBecauseTheyDecideNothing() {
    String said = assertThrows(ConnectException.class, () -> connector.alterOffsets(settings(), Map.of())).getMessage();
    assertTrue(said.contains("/landing"), said);
  }
}
