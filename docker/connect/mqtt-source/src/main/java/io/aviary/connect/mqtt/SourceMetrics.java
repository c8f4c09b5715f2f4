package io.aviary.connect.mqtt;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the connector has done, by JMX and, where something is wrong, in the log. */
final class SourceMetrics implements SourceMetricsMXBean {
  private static final Logger log = LoggerFactory.getLogger(SourceMetrics.class);
  private static final long WARN_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  final LongAdder received = new LongAdder();
  final LongAdder recorded = new LongAdder();
  final LongAdder duplicates = new LongAdder();
  final LongAdder deadLettered = new LongAdder();
  final LongAdder acknowledged = new LongAdder();
  volatile boolean connected;

  private final Occasional gapWarning = new Occasional();
  private final Occasional untrackedWarning = new Occasional();
  private final Occasional poisonWarning = new Occasional();
  private final ObjectName name;

  SourceMetrics(String connector) {
    this.name = objectName(connector);
  }

  static ObjectName objectName(String connector) {
    try {
      boolean plain = connector.matches("[\\w. -]+");
      return new ObjectName("io.aviary.connect.mqtt:type=source,connector="
          + (plain ? connector : ObjectName.quote(connector)));
    } catch (JMException e) {
      throw new IllegalStateException(e);
    }
  }

  void register() {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    try {
      // A task that was cancelled may still hold the name; the newest one counts.
      if (server.isRegistered(name)) {
        server.unregisterMBean(name);
      }
      server.registerMBean(this, name);
    } catch (JMException e) {
      log.warn("No figures by JMX as {}", name, e);
    }
  }

  void unregister() {
    try {
      ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
    } catch (JMException e) {
      log.debug("{} was not registered", name, e);
    }
  }

  void gaps(String runId, RunState run) {
    if (run.gaps() > 0 && gapWarning.due()) {
      log.warn("Run {} has gaps: recorded up to {}, and {} ranges above. The publisher should send again from {}.",
          runId, run.watermark(), run.gaps(), run.watermark() + 1);
    }
  }

  void untracked(String runId, long seq) {
    if (untrackedWarning.due()) {
      log.warn("Run {} has more than {} gaps: {} and others are delivered at least once, not exactly once.",
          runId, RunState.MAX_RANGES, seq);
    }
  }

  void poison(DeadLetters.Reason reason, String detail) {
    if (poisonWarning.due()) {
      log.warn("A message goes to the dead letters ({}: {}); {} so far.", reason.text, detail, getDeadLettered() + 1);
    }
  }

  @Override
  public long getReceived() {
    return received.sum();
  }

  @Override
  public long getRecorded() {
    return recorded.sum();
  }

  @Override
  public long getDuplicates() {
    return duplicates.sum();
  }

  @Override
  public long getDeadLettered() {
    return deadLettered.sum();
  }

  @Override
  public long getAcknowledged() {
    return acknowledged.sum();
  }

  @Override
  public long getPending() {
    return Math.max(received.sum() - acknowledged.sum(), 0);
  }

  @Override
  public boolean isConnected() {
    return connected;
  }

  /** True at most once in ten seconds, so that a flood of one kind does not become a flood of lines. Task thread only. */
  private static final class Occasional {
    private long nextNanos = System.nanoTime();

    boolean due() {
      long now = System.nanoTime();
      if (now - nextNanos < 0) {
        return false;
      }
      nextNanos = now + WARN_INTERVAL_NANOS;
      return true;
    }
  }
}
