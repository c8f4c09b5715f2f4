package io.aviary.connect.landing;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;

/** Kafka → a folder of JSON lines: what the worker sees of the connector. The work is in {@link LandingSinkTask}. */
public final class LandingSinkConnector extends SinkConnector {
  static final String VERSION = "0.1.0";

  private Map<String, String> settings;

  @Override
  public String version() {
    return VERSION;
  }

  @Override
  public ConfigDef config() {
    return LandingConfig.DEFINITION;
  }

  @Override
  public Config validate(Map<String, String> proposed) {
    Config result = super.validate(proposed);
    Map<String, String> faults = LandingConfig.conflicts(proposed);
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
    return LandingSinkTask.class;
  }

  /** Tasks share the folder: each writes the files of its own partitions. */
  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return Collections.nCopies(maxTasks, settings);
  }

  @Override
  public void stop() {
    settings = null;
  }

  /** The offsets of the consumer group only tell how far it is, so changing them would be believed to do what it does not. */
  @Override
  public boolean alterOffsets(Map<String, String> current, Map<TopicPartition, Long> offsets) {
    throw new ConnectException("The files in " + current.get(LandingConfig.FOLDER) + " decide where this connector goes on, "
        + "not its offsets. To land records again, move the newest files of their partition out of the folder.");
  }
}
