package io.aviary.connect.mqtt;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/**
 * Takes messages from the MQTT session, hands them to the worker, and acknowledges them once Kafka has them.
 *
 * <p>Why memory never runs ahead of Kafka within one task: a run's watermark moves in {@link #poll()}, before
 * the commit. With {@code transaction.boundary=poll} the worker calls, on this one thread, poll → send → commit →
 * {@link #commitRecord} for each record → {@link #commit()}, and the next poll only after that. A send that can
 * be repeated is repeated with the same records; any other failure of a send or of the commit is thrown
 * (ExactlyOnceWorkerSourceTask.commitTransaction, AbstractWorkerSourceTask.execute of Kafka 4.3), which skips
 * the final commit and ends this task for good. So neither callback ever runs after a failed commit, nothing
 * uncommitted is acknowledged, and the task that follows is a new object that reads the committed offsets.
 */
public final class MqttSourceTask extends SourceTask {
  /** How long a poll waits for a message: short, because the worker stops a task only between polls. */
  private static final long IDLE_MS = 200;

  private Acknowledgements acknowledgements;
  private Inbox inbox;
  private MqttSession session;
  private RecordMapper mapper;
  private SourceMetrics metrics;
  private int maxRecords;
  private long lingerMs;

  @Override
  public String version() {
    return MqttSourceConnector.VERSION;
  }

  @Override
  public void start(Map<String, String> settings) {
    SourceConfig config = new SourceConfig(settings);
    endOpenTransactions(config);
    maxRecords = config.getInt(SourceConfig.POLL_MAX_RECORDS);
    lingerMs = config.getLong(SourceConfig.POLL_LINGER);
    metrics = new SourceMetrics(settings.getOrDefault("name", config.getString(SourceConfig.CLIENT_ID)));
    metrics.register();
    acknowledgements = new Acknowledgements();
    inbox = new Inbox(config.getLong(SourceConfig.BUFFER_BYTES));
    RunLedger runs = new RunLedger(config.getInt(SourceConfig.RUNS_IN_MEMORY),
        partition -> context.offsetStorageReader().offset(partition));
    mapper = new RecordMapper(config, SourceConfig.producerMaxRequest(settings), runs, metrics);
    session = new MqttSession(config, inbox, metrics);
  }

  /** The last moment for it: the worker has fenced earlier tasks by now, and begins its first transaction with the first poll. */
  private static void endOpenTransactions(SourceConfig config) {
    String bootstrap = config.getString(SourceConfig.BOOTSTRAP);
    if (bootstrap.isEmpty()) {
      return;
    }
    List<String> topics = List.of(config.getString(SourceConfig.KAFKA_TOPIC), config.deadLetterTopic(),
        config.getString(SourceConfig.OFFSETS_TOPIC));
    String transactionalId = config.getString(SourceConfig.TRANSACTIONAL_ID);
    Map<String, Object> client = config.originalsWithPrefix(SourceConfig.KAFKA_CLIENT_PREFIX);
    client.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    client.put(AdminClientConfig.CLIENT_ID_CONFIG, transactionalId);
    try (OpenTransactions open = new OpenTransactions(client)) {
      open.end(transactionalId::equals, topics);
    } catch (ExecutionException | IOException | KafkaException e) {
      throw new ConnectException("Could not end what Kafka has left open of transactions of " + transactionalId, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConnectException("Stopped while looking for open transactions of " + transactionalId, e);
    }
  }

  @Override
  public List<SourceRecord> poll() throws InterruptedException {
    session.keepUp();
    List<Delivery> deliveries = inbox.take(maxRecords, lingerMs, IDLE_MS);
    List<SourceRecord> records = new ArrayList<>(deliveries.size());
    for (Delivery delivery : deliveries) {
      acknowledgements.add(delivery);
      TrackedRecord record = mapper.map(delivery);
      if (record == null) {
        metrics.duplicates.increment();
        delivery.confirm(); // acknowledged in its turn: behind the first delivery, if that is still on its way
      } else {
        records.add(record);
      }
    }
    return records.isEmpty() ? null : records;
  }

  /** {@code metadata} is null when a transformation or a tolerated error has dropped the record. */
  @Override
  public void commitRecord(SourceRecord record, RecordMetadata metadata) {
    TrackedRecord tracked = (TrackedRecord) record;
    if (tracked.run != null) {
      tracked.run.recorded();
    }
    if (metadata != null) {
      (tracked.deadLetter ? metrics.deadLettered : metrics.recorded).increment();
    }
    tracked.delivery.confirm();
  }

  @Override
  public void commit() {
    List<Delivery> released = acknowledgements.release();
    metrics.acknowledged.add(released.size());
    inbox.release(released);
    session.memoryFreed();
  }

  /** On the task's own thread, after the last commit. */
  @Override
  public void stop() {
    try {
      if (session != null) {
        session.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (metrics != null) {
      metrics.unregister();
    }
  }
}
