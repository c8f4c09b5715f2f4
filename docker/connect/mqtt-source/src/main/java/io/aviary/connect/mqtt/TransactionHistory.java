package io.aviary.connect.mqtt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * How the transactions of one id came to their end. Its coordinator writes every state into a topic before it acts on it
 * (KIP-98), so what stands there holds even where a marker was lost, and after a new producer has taken over the id, which is
 * when the coordinator itself no longer knows.
 */
final class TransactionHistory {
  private static final long ANSWER_WITHIN_MS = 30_000;

  /** Codes and layout: TransactionLogValue.json of Kafka. The fields read here lie at the same place in versions 0 and 1. */
  private static final byte ONGOING = 1;
  private static final byte PREPARE_COMMIT = 2;
  private static final byte PREPARE_ABORT = 3;

  private record Producer(long id, int epoch) {
  }

  private final Map<Producer, TransactionResult> results = new HashMap<>();
  private Producer ongoing;

  /** Reads the partition in which the id has its states: tens of MB at most, since Kafka compacts it. */
  static TransactionHistory of(String transactionalId, Map<String, Object> client) {
    TransactionHistory history = new TransactionHistory();
    Map<String, Object> settings = new HashMap<>(client);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      int partitions = consumer.partitionsFor(Topic.TRANSACTION_STATE_TOPIC_NAME).size();
      TopicPartition partition = new TopicPartition(
          Topic.TRANSACTION_STATE_TOPIC_NAME, Utils.abs(transactionalId.hashCode()) % partitions);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      history.readToEnd(consumer, partition, transactionalId);
    }
    return history;
  }

  private void readToEnd(Consumer<byte[], byte[]> consumer, TopicPartition partition, String transactionalId) {
    long end = consumer.endOffsets(List.of(partition)).get(partition);
    long giveUpAt = System.nanoTime() + ANSWER_WITHIN_MS * 1_000_000;
    while (consumer.position(partition) < end) {
      if (System.nanoTime() > giveUpAt) {
        throw new TimeoutException("Kafka did not give " + partition + " within " + ANSWER_WITHIN_MS + " ms");
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
        if (record.value() != null && transactionalId.equals(idIn(record.key()))) {
          add(ByteBuffer.wrap(record.value()));
        }
      }
    }
  }

  /** A version, a length, the id. */
  private static String idIn(byte[] key) {
    return new String(key, 2 * Short.BYTES, key.length - 2 * Short.BYTES, StandardCharsets.UTF_8);
  }

  /** In the order of the log. */
  void add(ByteBuffer state) {
    state.getShort(); // the version
    long producerId = state.getLong();
    int epoch = state.getShort();
    state.getInt(); // the timeout
    byte status = state.get();
    if (status == ONGOING) {
      ongoing = new Producer(producerId, epoch);
    } else if (ongoing != null && (status == PREPARE_COMMIT || status == PREPARE_ABORT)) {
      // Kafka may raise the epoch with the end (KIP-890); what was written has the one that it began with.
      results.put(ongoing, status == PREPARE_COMMIT ? TransactionResult.COMMIT : TransactionResult.ABORT);
      ongoing = null;
    }
  }

  /** What nothing is known of any more was never seen to be committed, so it is to be rolled back. */
  TransactionResult resultOf(long producerId, int epoch) {
    return results.getOrDefault(new Producer(producerId, epoch), TransactionResult.ABORT);
  }
}
