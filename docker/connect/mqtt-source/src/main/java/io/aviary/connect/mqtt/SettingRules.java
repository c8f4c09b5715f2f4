package io.aviary.connect.mqtt;

import com.fasterxml.jackson.core.JsonPointer;
import com.hivemq.client.mqtt.datatypes.MqttClientIdentifier;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;

/** What each setting must look like, and which settings must agree with each other. */
final class SettingRules {
  // A name or IPv4 address, or an IPv6 address: that has two colons, which host:port has not.
  private static final Pattern HOST_NAME = Pattern.compile(
      "[A-Za-z0-9][A-Za-z0-9._-]{0,252}|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?");
  private static final Pattern TOPIC_NAME = Pattern.compile("[A-Za-z0-9._-]{1,249}");

  static final Validator HOST = rule("a host name or address, without scheme or port", value -> {
    if (!HOST_NAME.matcher(value).matches()) {
      throw new IllegalArgumentException("is no host name or address (give it without scheme or port)");
    }
  });
  static final Validator CLIENT_ID = rule("1 to 65535 bytes of text", value -> {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("must not be empty: the session is found again by it");
    }
    MqttClientIdentifier.of(value);
  });
  static final Validator KAFKA_TOPIC = rule("a Kafka topic name", SettingRules::checkTopic);
  static final Validator KAFKA_TOPIC_OR_EMPTY = rule("a Kafka topic name or empty", value -> {
    if (!value.isEmpty()) {
      checkTopic(value);
    }
  });
  static final Validator JSON_POINTER = rule("a JSON pointer (RFC 6901)", JsonPointer::compile);
  static final Validator TOPIC_FILTERS = LambdaValidator.with(
      (name, value) -> checkTopicFilters(name, (List<?>) value), () -> "MQTT topic filters");

  private SettingRules() {}

  private static Validator rule(String description, Consumer<String> check) {
    return LambdaValidator.with((name, value) -> {
      if (value == null) {
        return; // ConfigDef itself reports a missing value
      }
      try {
        check.accept((String) value);
      } catch (IllegalArgumentException e) {
        throw new ConfigException(name, value, e.getMessage());
      }
    }, () -> description);
  }

  private static void checkTopic(String value) {
    if (!TOPIC_NAME.matcher(value).matches() || value.equals(".") || value.equals("..")) {
      throw new IllegalArgumentException("is no Kafka topic name (1 to 249 of A-Z a-z 0-9 . _ -)");
    }
  }

  private static void checkTopicFilters(String name, List<?> filters) {
    if (filters == null || filters.isEmpty()) {
      throw new ConfigException(name, filters, "at least one topic filter is needed");
    }
    for (Object filter : filters) {
      try {
        MqttTopicFilter.of((String) filter);
      } catch (IllegalArgumentException e) {
        throw new ConfigException(name, filter, e.getMessage());
      }
    }
    if (filters.stream().distinct().count() < filters.size()) {
      throw new ConfigException(name, filters, "a topic filter stands twice");
    }
  }

  /** Faults that show only when settings are seen together: setting → what is wrong. Tolerates missing and malformed ones. */
  static Map<String, String> conflicts(Map<String, String> settings) {
    Map<String, String> faults = new LinkedHashMap<>();
    String topic = settings.get(SourceConfig.KAFKA_TOPIC);
    String deadLetters = settings.get(SourceConfig.DEAD_LETTER_TOPIC);
    if (topic != null && topic.equals(SourceConfig.deadLetterTopic(topic, deadLetters))) {
      faults.put(SourceConfig.DEAD_LETTER_TOPIC, "must differ from " + SourceConfig.KAFKA_TOPIC);
    }
    if (settings.get(SourceConfig.PASSWORD) != null && settings.get(SourceConfig.USERNAME) == null) {
      faults.put(SourceConfig.USERNAME, "is needed with " + SourceConfig.PASSWORD);
    }
    if (!settings.getOrDefault(SourceConfig.TLS_CA, "").isEmpty() && !"true".equals(settings.get(SourceConfig.TLS))) {
      faults.put(SourceConfig.TLS, "must be true with " + SourceConfig.TLS_CA);
    }
    String configured = settings.get(SourceConfig.RECORD_MAX_BYTES);
    long recordMax = configured == null ? SourceConfig.RECORD_MAX_BYTES_DEFAULT : Sequence.parse(configured.trim());
    int requestMax = SourceConfig.producerMaxRequest(settings);
    if (recordMax > requestMax - DeadLetters.REQUEST_MARGIN_BYTES) {
      faults.put(SourceConfig.RECORD_MAX_BYTES, "must leave " + DeadLetters.REQUEST_MARGIN_BYTES
          + " bytes below the producer's max.request.size of " + requestMax
          + " (raise it with " + SourceConfig.PRODUCER_MAX_REQUEST + ")");
    }
    return faults;
  }
}
