package io.aviary.connect.mqtt;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.requests.TransactionResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what a transaction has left open in partitions after its coordinator has closed it.
 *
 * <p>A broker that comes back after a kill waits for its own old session to end. A transaction that is rolled back, or whose
 * markers are written again, in just that time loses them: Kafka 4.1 to 4.3 takes the partitions for deleted while they have
 * no leader (KAFKA-20734). Its records then stay open: nobody who reads committed records gets past them, and the next marker
 * of the same transactional id decides on them too, beside those that were sent again in their place.
 *
 * <p>A coordinator calls a transaction closed only after every partition has its marker, and each later one has a higher epoch.
 * So what an earlier epoch has open is left over for certain, whatever is under way meanwhile. It gets the marker that the
 * coordinator had decided on: records and positions are one transaction, of which other partitions may have theirs already, so
 * rolling back what was committed loses records, and committing what was rolled back doubles them.
 */
final class OpenTransactions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OpenTransactions.class);

  /** In any other one, the coordinator may be writing markers, with a raised epoch already. */
  private static final Set<TransactionState> WITHOUT_MARKERS_UNDER_WAY = Set.of(
      TransactionState.EMPTY, TransactionState.ONGOING, TransactionState.COMPLETE_ABORT, TransactionState.COMPLETE_COMMIT);

  record LeftOpen(TopicPartition partition, ProducerState producer) {
  }

  private final Map<String, Object> client;
  private final Admin admin;

  /** {@code client}: how to reach Kafka, as clients of every kind understand it. */
  OpenTransactions(Map<String, Object> client) {
    this.client = client;
    admin = Admin.create(client);
  }

  /** {@code topics}: in the order in which they are released. One that is not there yet has nothing open. */
  void end(Predicate<String> transactionalIds, List<String> topics)
      throws ExecutionException, InterruptedException, IOException {
    List<String> ids = admin.listTransactions().all().get().stream()
        .map(TransactionListing::transactionalId).filter(transactionalIds).toList();
    Map<String, TransactionDescription> transactions = admin.describeTransactions(ids).all().get();
    Map<TopicPartition, Node> leaders = leadersOf(topics);
    Map<TopicPartition, PartitionProducerState> producers = admin.describeProducers(leaders.keySet()).all().get();
    for (Map.Entry<String, TransactionDescription> transaction : transactions.entrySet()) {
      List<LeftOpen> leftOpen = leftOpen(transaction.getValue(), leaders.keySet(), producers);
      if (!leftOpen.isEmpty()) {
        end(transaction.getKey(), leftOpen, leaders);
      }
    }
  }

  private void end(String transactionalId, List<LeftOpen> leftOpen, Map<TopicPartition, Node> leaders) throws IOException {
    TransactionHistory history = TransactionHistory.of(transactionalId, client);
    try (TransactionMarkers markers = new TransactionMarkers(client)) {
      for (LeftOpen open : leftOpen) {
        ProducerState producer = open.producer();
        TransactionResult result = history.resultOf(producer.producerId(), producer.producerEpoch());
        LOG.warn("Kafka has left a transaction of {} open. Ending it as it was decided, {}: {}", transactionalId, result, open);
        markers.write(leaders.get(open.partition()), open.partition(), producer, result);
      }
    }
  }

  /** By topic in the order given. */
  private Map<TopicPartition, Node> leadersOf(List<String> topics) throws ExecutionException, InterruptedException {
    Map<String, KafkaFuture<TopicDescription>> described = admin.describeTopics(topics).topicNameValues();
    Map<TopicPartition, Node> leaders = new LinkedHashMap<>();
    for (String topic : topics) {
      try {
        described.get(topic).get().partitions()
            .forEach(p -> leaders.put(new TopicPartition(topic, p.partition()), p.leader()));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
      }
    }
    return leaders;
  }

  /** In the order of {@code partitions}. */
  static List<LeftOpen> leftOpen(TransactionDescription transaction, Collection<TopicPartition> partitions,
      Map<TopicPartition, PartitionProducerState> producers) {
    List<LeftOpen> open = new ArrayList<>();
    if (!WITHOUT_MARKERS_UNDER_WAY.contains(transaction.state())) {
      return open;
    }
    for (TopicPartition partition : partitions) {
      for (ProducerState producer : producers.get(partition).activeProducers()) {
        if (producer.producerId() == transaction.producerId() && producer.producerEpoch() < transaction.producerEpoch()
            && producer.currentTransactionStartOffset().isPresent()) {
          open.add(new LeftOpen(partition, producer));
        }
      }
    }
    return open;
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
