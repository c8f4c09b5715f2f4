package io.aviary.connect.mqtt;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.ClientRequest;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.DefaultHostResolver;
import org.apache.kafka.clients.ManualMetadataUpdater;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.clients.NetworkClientUtils;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;
import org.apache.kafka.common.requests.WriteTxnMarkersResponse;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

/**
 * Writes the marker that ends a transaction in one partition. The admin client of Kafka can only write the one that rolls back
 * (KIP-664); this is its request (WriteTxnMarkers) with the other result too, sent with the classes the client is made of.
 * They are not public API: the Kafka that they are taken from is the worker's, which is pinned.
 */
final class TransactionMarkers implements AutoCloseable {
  private static final int ANSWER_WITHIN_MS = 10_000;

  private final Metrics metrics = new Metrics();
  private final NetworkClient client;

  TransactionMarkers(Map<String, Object> settings) {
    client = ClientUtils.createNetworkClient(new AdminClientConfig(settings), "transaction-markers", metrics,
        "transaction-markers", new LogContext(), new ApiVersions(), Time.SYSTEM, 1, ANSWER_WITHIN_MS, null,
        new ManualMetadataUpdater(), new DefaultHostResolver(), null, null);
  }

  /** Throws unless the broker has written the marker. */
  void write(Node leader, TopicPartition partition, ProducerState producer, TransactionResult result) throws IOException {
    if (!NetworkClientUtils.awaitReady(client, leader, Time.SYSTEM, ANSWER_WITHIN_MS)) {
      throw new IOException("Kafka did not answer at " + leader + " within " + ANSWER_WITHIN_MS + " ms");
    }
    ClientRequest request = client.newClientRequest(
        leader.idString(), request(partition, producer, result), Time.SYSTEM.milliseconds(), true);
    ClientResponse response = NetworkClientUtils.sendAndReceive(client, request, Time.SYSTEM);
    WriteTxnMarkersResponse body = (WriteTxnMarkersResponse) response.responseBody();
    Errors error = body.errorsByProducerId().get(producer.producerId()).get(partition);
    error.maybeThrow();
  }

  /** Version 0 of transactions, as the admin client says too: the marker has the epoch of the records, not a higher one. */
  private static WriteTxnMarkersRequest.Builder request(TopicPartition partition, ProducerState producer, TransactionResult result) {
    return new WriteTxnMarkersRequest.Builder(List.of(new WriteTxnMarkersRequest.TxnMarkerEntry(
        producer.producerId(), (short) producer.producerEpoch(), producer.coordinatorEpoch().orElse(0), result,
        List.of(partition), (short) 0)));
  }

  @Override
  public void close() {
    client.close();
    metrics.close();
  }
}
