package io.aviary.connect.landing;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.NO_DEFAULT_VALUE;
import static org.apache.kafka.common.config.ConfigDef.Range.between;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.sink.SinkTask;

/** The connector's settings: each key with its default, bounds and documentation, in one place. */
final class LandingConfig extends AbstractConfig {
  static final String FOLDER = "landing.folder";
  static final String FLUSH = "flush.ms";
  static final String FILE_MAX_BYTES = "file.max.bytes";

  // Not ours: the worker hands them to the consumer.
  static final String ISOLATION = "consumer.override.isolation.level";
  static final String RESET = "consumer.override.auto.offset.reset";

  static final ConfigDef DEFINITION = new ConfigDef()
      // The worker's own, defined here too so that what is said of them is shown beside them.
      .define(SinkTask.TOPICS_CONFIG, Type.LIST, NO_DEFAULT_VALUE, HIGH,
          "The topic to land: exactly one, because a folder holds one topic.")
      .define(ISOLATION, Type.STRING, "", HIGH,
          "Must be read_committed, or records of rolled back transactions would land.")
      .define(RESET, Type.STRING, "", HIGH,
          "Must be earliest, or records written before the first start would be left out.")
      .define(FOLDER, Type.STRING, NO_DEFAULT_VALUE,
          LambdaValidator.with((name, value) -> checkFolder(name, (String) value), () -> "an absolute path"), HIGH,
          "Absolute path of the folder that receives the files; made when it is missing. It belongs to this connector: "
              + "its files decide where the connector goes on. Files grow beside it, in the folder of that name with -growing "
              + "added, which must lie on the same file system.")
      .define(FLUSH, Type.LONG, 10_000L, between(100, 3_600_000), MEDIUM,
          "Longest time a record waits until readers of the folder see it.")
      .define(FILE_MAX_BYTES, Type.LONG, 16_777_216L, between(1_024, 1_073_741_824), MEDIUM,
          "A file that has reached this size is finished and the next one begun. Until then each flush replaces it by a "
              + "longer one, so a slow stream does not leave many small files.");

  LandingConfig(Map<String, String> settings) {
    super(DEFINITION, settings, false);
  }

  Path folder() {
    return Path.of(getString(FOLDER));
  }

  private static void checkFolder(String name, String value) {
    if (value == null) {
      return; // ConfigDef itself reports a missing value
    }
    try {
      Path path = Path.of(value);
      if (!path.isAbsolute() || path.getFileName() == null) {
        throw new ConfigException(name, value, "must be the absolute path of a folder");
      }
    } catch (InvalidPathException e) {
      throw new ConfigException(name, value, e.getMessage());
    }
  }

  /** What exactly once needs of settings that are not ours alone: setting → what is wrong. Tolerates missing ones. */
  static Map<String, String> conflicts(Map<String, String> settings) {
    Map<String, String> faults = new LinkedHashMap<>();
    String topics = settings.getOrDefault(SinkTask.TOPICS_CONFIG, "").trim();
    if (topics.isEmpty() || topics.contains(",")) {
      faults.put(SinkTask.TOPICS_CONFIG, "must name exactly one topic");
    }
    if (!"read_committed".equals(settings.get(ISOLATION))) {
      faults.put(ISOLATION, "must be read_committed");
    }
    if (!"earliest".equals(settings.get(RESET))) {
      faults.put(RESET, "must be earliest");
    }
    return faults;
  }
}
