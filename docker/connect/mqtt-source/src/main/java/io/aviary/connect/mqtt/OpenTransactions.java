package io.aviary.connect.mqtt;

import java.util.ArrayList;
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
 * Ends what an earlier task's transaction has left open in partitions after its coordinator has closed it.
 *
 * <p>A broker that comes back after a kill waits for its own old session to end. A transaction that is rolled back, or whose
 * markers are written again, in just that time loses them: Kafka 4.1 to 4.3 takes the partitions for deleted while they have
 * no leader (KAFKA-20734). Its records then stay open, and the next commit of the same transactional id commits them too,
 * beside those that were sent again in their place. Therefore they are rolled back before anything is read or sent: the
 * records and the offsets alike, as they share the fate of their transaction.
 */
final class OpenTransactions {
  private static final Logger LOG = LoggerFactory.getLogger(OpenTransactions.class);

  private OpenTransactions() {
  }

  /** Must run while the id's producer has begun nothing, and after it has fenced all earlier ones. */
  static void end(Admin admin, String transactionalId, List<String> topics)
      throws ExecutionException, InterruptedException {
    TransactionDescription transaction =
        admin.describeTransactions(List.of(transactionalId)).description(transactionalId).get();
    // Whatever is not closed is being closed by the coordinator itself.
    if (!closed(transaction.state())) {
      LOG.info("{} is {}: left to its coordinator", transactionalId, transaction.state());
      return;
    }
    Map<TopicPartition, PartitionProducerState> producers =
        admin.describeProducers(partitionsOf(admin, topics)).all().get();
    for (AbortTransactionSpec open : leftOpen(transaction.producerId(), producers)) {
      LOG.warn("Rolling back what a transaction of {} has left open: {}", transactionalId, open);
      admin.abortTransaction(open).all().get();
    }
  }

  /** A topic that is made when it is first needed may not be there yet: nothing is open in it. */
  private static List<TopicPartition> partitionsOf(Admin admin, List<String> topics)
      throws ExecutionException, InterruptedException {
    List<TopicPartition> partitions = new ArrayList<>();
    for (KafkaFuture<TopicDescription> described : admin.describeTopics(topics).topicNameValues().values()) {
      try {
        TopicDescription topic = described.get();
        topic.partitions().forEach(p -> partitions.add(new TopicPartition(topic.name(), p.partition())));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
      }
    }
    return partitions;
  }

  static boolean closed(TransactionState state) {
    return state == TransactionState.EMPTY
        || state == TransactionState.COMPLETE_ABORT
        || state == TransactionState.COMPLETE_COMMIT;
  }

  static List<AbortTransactionSpec> leftOpen(long producerId, Map<TopicPartition, PartitionProducerState> partitions) {
    List<AbortTransactionSpec> open = new ArrayList<>();
    partitions.forEach((partition, state) -> {
      for (ProducerState producer : state.activeProducers()) {
        if (producer.producerId() == producerId && producer.currentTransactionStartOffset().isPresent()) {
          open.add(new AbortTransactionSpec(
              partition, producerId, (short) producer.producerEpoch(), producer.coordinatorEpoch().orElse(0)));
        }
      }
    });
    return open;
  }
}
