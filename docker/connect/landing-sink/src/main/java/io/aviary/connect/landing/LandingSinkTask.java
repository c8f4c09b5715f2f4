package io.aviary.connect.landing;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lands the records of its partitions, exactly once: the folder itself says where to go on, and it changes in one step from one
 * whole state to the next, so no crash can come between a record and the note that it was landed. The offsets committed to
 * Kafka only tell others how far it is.
 *
 * <p>A fault of the folder fails the task, which shows it and is restarted by the watchdog, and the next task begins from what
 * has landed. All calls come on the worker's one thread for this task.
 */
public final class LandingSinkTask extends SinkTask {
  private static final Logger log = LoggerFactory.getLogger(LandingSinkTask.class);

  private final Map<TopicPartition, PartitionLanding> landings = new HashMap<>();
  private final Function<Path, LandingFolder> folders;
  private final LongSupplier clockMs;
  private LandingFolder folder;
  private long flushMs;
  private long maxBytes;

  public LandingSinkTask() {
    this(LandingFolder::new, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
  }

  LandingSinkTask(Function<Path, LandingFolder> folders, LongSupplier clockMs) {
    this.folders = folders;
    this.clockMs = clockMs;
  }

  @Override
  public String version() {
    return LandingSinkConnector.VERSION;
  }

  @Override
  public void start(Map<String, String> settings) {
    LandingConfig config = new LandingConfig(settings);
    flushMs = config.getLong(LandingConfig.FLUSH);
    maxBytes = config.getLong(LandingConfig.FILE_MAX_BYTES);
    folder = folders.apply(config.folder());
    folder.prepare();
  }

  /**
   * The offset before the first record kept is out of Kafka's range, and {@code auto.offset.reset=earliest} then makes it the
   * first one kept; so a partition without files begins at its beginning, whatever the consumer group has committed.
   */
  @Override
  public void open(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      PartitionLanding landing = new PartitionLanding(folder, partition, maxBytes);
      landings.put(partition, landing);
      context.offset(partition, landing.landed());
      log.info("{} goes on from offset {} in {}", partition, landing.landed(), folder.path());
    }
  }

  @Override
  public void put(Collection<SinkRecord> records) {
    long now = clockMs.getAsLong();
    boolean published = false;
    for (SinkRecord record : records) {
      published |= of(record).append(record, now);
    }
    long soonest = Long.MAX_VALUE;
    for (PartitionLanding landing : landings.values()) {
      long dueIn = landing.dueInMs(flushMs, now);
      if (dueIn <= 0) {
        published |= landing.publish();
      } else {
        soonest = Math.min(soonest, dueIn);
      }
    }
    if (soonest < Long.MAX_VALUE) {
      context.timeout(soonest); // the worker calls again by then, also without records
    }
    if (published) {
      context.requestCommit(); // so that the lag that others see is true
    }
  }

  private PartitionLanding of(SinkRecord record) {
    TopicPartition partition = new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
    PartitionLanding landing = landings.get(partition);
    if (landing == null) {
      throw new ConnectException("A record of " + partition + " came, which this task was not given");
    }
    return landing;
  }

  /** What readers see, not what was taken. */
  @Override
  public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> taken) {
    Map<TopicPartition, OffsetAndMetadata> landed = new HashMap<>();
    landings.forEach((partition, landing) -> landed.put(partition, new OffsetAndMetadata(landing.landed())));
    return landed;
  }

  @Override
  public void close(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      PartitionLanding landing = landings.remove(partition);
      if (landing != null) {
        landing.close();
      }
    }
  }

  @Override
  public void stop() {
    landings.values().forEach(PartitionLanding::close);
    landings.clear();
  }
}
