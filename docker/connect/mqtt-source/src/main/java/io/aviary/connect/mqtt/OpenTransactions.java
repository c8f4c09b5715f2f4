package io.aviary.connect.mqtt;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what a transaction has left open in partitions after its coordinator has closed it.
 *
 * <p>A broker that comes back after a kill waits for its own old session to end. A transaction that is rolled back, or whose
 * markers are written again, in just that time loses them: Kafka 4.1 to 4.3 takes the partitions for deleted while they have
 * no leader (KAFKA-20734). Its records then stay open: nobody who reads committed records gets past them, and the next commit
 * of the same transactional id commits them too, beside those that were sent again in their place.
 *
 * <p>A coordinator calls a transaction closed only after every partition has its marker, and each later one has a higher epoch.
 * So what an earlier epoch has open is left over for certain, whatever is under way meanwhile. What was committed is let alone: its
 * task may have acknowledged the messages, and its next commit takes the open records with it.
 */
final class OpenTransactions {
  private static final Logger LOG = LoggerFactory.getLogger(OpenTransactions.class);

  private OpenTransactions() {
  }

  /** {@code topics}: in the order in which they are rolled back. An id or a topic that is not there yet has nothing open. */
  static void end(Admin admin, Collection<String> transactionalIds, List<String> topics)
      throws ExecutionException, InterruptedException {
    List<TransactionDescription> transactions =
        new ArrayList<>(admin.describeTransactions(transactionalIds).all().get().values());
    Map<TopicPartition, PartitionProducerState> producers = new LinkedHashMap<>();
    List<TopicPartition> partitions = partitionsOf(admin, topics);
    Map<TopicPartition, PartitionProducerState> found = admin.describeProducers(partitions).all().get();
    partitions.forEach(partition -> producers.put(partition, found.get(partition)));
    for (AbortTransactionSpec open : leftOpen(abortedEpochs(transactions), producers)) {
      LOG.warn("Rolling back what an ended transaction has left open: {}", open);
      admin.abortTransaction(open).all().get();
    }
  }

  /** By topic in the order given. */
  private static List<TopicPartition> partitionsOf(Admin admin, List<String> topics)
      throws ExecutionException, InterruptedException {
    Map<String, KafkaFuture<TopicDescription>> described = admin.describeTopics(topics).topicNameValues();
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      try {
        described.get(topic).get().partitions().forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
      }
    }
    return partitions;
  }

  /** The epoch of each producer whose last transaction came to nothing. What is not closed, its coordinator closes by itself. */
  static Map<Long, Integer> abortedEpochs(Collection<TransactionDescription> transactions) {
    Map<Long, Integer> epochs = new HashMap<>();
    for (TransactionDescription transaction : transactions) {
      if (aborted(transaction.state())) {
        epochs.put(transaction.producerId(), transaction.producerEpoch());
      }
    }
    return epochs;
  }

  /** Empty: a new producer has taken over the id, so that no earlier one can commit any more. */
  private static boolean aborted(TransactionState state) {
    return state == TransactionState.EMPTY || state == TransactionState.COMPLETE_ABORT;
  }

  /** In the order of the partitions. */
  static List<AbortTransactionSpec> leftOpen(
      Map<Long, Integer> abortedEpochs, Map<TopicPartition, PartitionProducerState> partitions) {
    List<AbortTransactionSpec> open = new ArrayList<>();
    partitions.forEach((partition, state) -> {
      for (ProducerState producer : state.activeProducers()) {
        Integer aborted = abortedEpochs.get(producer.producerId());
        if (aborted != null && producer.producerEpoch() < aborted && producer.currentTransactionStartOffset().isPresent()) {
          open.add(new AbortTransactionSpec(partition, producer.producerId(), (short) producer.producerEpoch(),
              producer.coordinatorEpoch().orElse(0)));
        }
      }
    });
    return open;
  }
}
