package io.aviary.connect.mqtt;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.connect.rest.ConnectRestExtension;
import org.apache.kafka.connect.rest.ConnectRestExtensionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks, for as long as the worker lives, for what closed transactions of its sources have left open. A task cannot do so for
 * itself: before it is started, the worker reads the offsets, and would wait for ever behind an open transaction among them.
 * Connect has no hook between; an extension of its REST interface is the one plugin that lives as long as the worker.
 *
 * <p>The offsets are released last, so that no task begins a transaction while records are still open in the topics.
 */
public final class OpenTransactionsWatch implements ConnectRestExtension {
  /** In the worker's configuration: the topics that sources write to, separated by commas. */
  static final String TOPICS = "open.transactions.topics";

  private static final Logger LOG = LoggerFactory.getLogger(OpenTransactionsWatch.class);
  private static final long PAUSE_MS = 3_000;
  private static final int ANSWER_WITHIN_MS = 10_000;

  private final ScheduledExecutorService turns = Executors.newSingleThreadScheduledExecutor(task -> {
    Thread thread = new Thread(task, "open-transactions-watch");
    thread.setDaemon(true);
    return thread;
  });
  private Map<String, Object> client;
  private List<String> topics;
  private Predicate<String> isOurs;
  private OpenTransactions open;
  private boolean answered = true;

  @Override
  public void configure(Map<String, ?> worker) {
    client = new HashMap<>(worker);
    client.keySet().retainAll(AdminClientConfig.configNames());
    client.put(AdminClientConfig.CLIENT_ID_CONFIG, "open-transactions-watch");
    client.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    client.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS / 2);
    topics = topicsOf(worker);
    String group = String.valueOf(worker.get("group.id"));
    isOurs = id -> isOf(group, id);
  }

  @Override
  public void register(ConnectRestExtensionContext context) {
    open = new OpenTransactions(client);
    turns.scheduleWithFixedDelay(this::look, 0, PAUSE_MS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      open.end(isOurs, topics);
      answered = true;
    } catch (ExecutionException | IOException | RuntimeException e) {
      // Kafka is away, or about to be asked again. Told once, not every few seconds.
      if (answered) {
        LOG.info("Could not look for open transactions: {}", e.getMessage());
      }
      answered = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The offsets last. */
  static List<String> topicsOf(Map<String, ?> worker) {
    List<String> topics = new ArrayList<>(Arrays.asList(String.valueOf(worker.get(TOPICS)).split(",")));
    topics.add(String.valueOf(worker.get("config.storage.topic")));
    topics.add(String.valueOf(worker.get("offset.storage.topic")));
    return topics;
  }

  /** Transactional ids as Connect forms them (KIP-618): of the worker's source tasks, and of the one that writes configurations. */
  static boolean isOf(String group, String transactionalId) {
    return transactionalId.startsWith(group + "-") || transactionalId.equals("connect-cluster-" + group);
  }

  @Override
  public void close() {
    turns.shutdownNow();
    if (open != null) {
      open.close();
    }
  }

  @Override
  public String version() {
    return MqttSourceConnector.VERSION;
  }
}
