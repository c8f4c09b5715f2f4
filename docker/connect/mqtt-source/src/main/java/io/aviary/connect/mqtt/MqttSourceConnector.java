package io.aviary.connect.mqtt;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/** MQTT 5 → Kafka: what the worker sees of the connector. The work is in {@link MqttSourceTask}. */
public final class MqttSourceConnector extends SourceConnector {
  static final String VERSION = "0.1.0";

  private Map<String, String> settings;

  @Override
  public String version() {
    return VERSION;
  }

  @Override
  public ConfigDef config() {
    return SourceConfig.DEFINITION;
  }

  @Override
  public Config validate(Map<String, String> proposed) {
    Config result = super.validate(proposed);
    Map<String, String> faults = SettingRules.conflicts(proposed);
    for (ConfigValue value : result.configValues()) {
      String fault = faults.get(value.name());
      if (fault != null) {
        value.addErrorMessage(value.name() + " " + fault);
      }
    }
    return result;
  }

  @Override
  public void start(Map<String, String> started) {
    settings = Map.copyOf(started);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return MqttSourceTask.class;
  }

  /** One task whatever {@code tasks.max}: a session belongs to one client, and only one client keeps the order. */
  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return List.of(settings);
  }

  @Override
  public void stop() {
    settings = null;
  }

  @Override
  public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> proposed) {
    return ExactlyOnceSupport.SUPPORTED;
  }

  @Override
  public ConnectorTransactionBoundaries canDefineTransactionBoundaries(Map<String, String> proposed) {
    return ConnectorTransactionBoundaries.UNSUPPORTED;
  }

  /** Accepts what the task itself could have stored, and null, which forgets a run. */
  @Override
  public boolean alterOffsets(Map<String, String> current, Map<Map<String, ?>, Map<String, ?>> offsets) {
    offsets.forEach((partition, offset) -> {
      if (!partition.keySet().equals(Set.of(RunLedger.RUN_ID))
          || !(partition.get(RunLedger.RUN_ID) instanceof String runId) || runId.isEmpty()) {
        throw new ConnectException("A partition is {\"run-id\": \"…\"}, not " + partition);
      }
      if (offset == null) {
        return;
      }
      if (!Set.of(RunState.SEQ, RunState.ABOVE).containsAll(offset.keySet())) {
        throw new ConnectException("An offset has \"seq\" and may have \"above\", not " + offset.keySet());
      }
      try {
        RunState.restore(RunLedger.partition(runId), offset);
      } catch (IllegalArgumentException e) {
        throw new ConnectException("Offset of run " + runId + ": " + e.getMessage(), e);
      }
    });
    return true;
  }
}
