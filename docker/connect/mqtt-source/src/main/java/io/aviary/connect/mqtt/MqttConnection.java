package io.aviary.connect.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAck;
import io.netty.channel.Channel;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the broker, from the attempt to its end; a new client object for each, because a client
 * that reconnects by itself carries unacknowledged messages of the old connection into the new one.
 *
 * <p>The event loop is our own (one thread), which gives two things the client does not offer: acknowledgements
 * written together instead of one system call each, and a socket that is left unread while memory is full.
 */
final class MqttConnection implements Delivery.Origin {
  enum State {
    CONNECTING,
    UP,
    DOWN
  }

  private static final Logger log = LoggerFactory.getLogger(MqttConnection.class);

  /** Acknowledgements are 4 bytes: so many of them still fit into one segment of a loopback socket. */
  private static final int ACKS_PER_FLUSH = 1024;

  private static final long GOODBYE_MS = 1_000;

  /**
   * Told to the broker beyond what we let in. Mosquitto 2.0 sends more than it may once it has a backlog (its issue
   * 2301), and the client answers by disconnecting, for ever. So the socket is left unread at the configured
   * maximum, and what one read of 64 kB may still hold has to fit in between.
   */
  private static final int OVERRUN_ROOM = 4_096;

  private static final int RECEIVE_MAXIMUM_LIMIT = 65_535;

  private final SourceConfig config;
  private final Inbox inbox;
  private final SourceMetrics metrics;
  private final int maxUnacknowledged;
  private final NioEventLoopGroup eventLoop;
  private final Mqtt5AsyncClient client;
  private volatile State state = State.CONNECTING;
  private volatile boolean replaced;
  private volatile boolean paused;
  // Event loop only:
  private Channel channel;
  private int unacknowledged;

  private MqttConnection(SourceConfig config, Inbox inbox, SourceMetrics metrics) {
    this.config = config;
    this.inbox = inbox;
    this.metrics = metrics;
    this.maxUnacknowledged =
        Math.min(config.getInt(SourceConfig.RECEIVE_MAXIMUM), RECEIVE_MAXIMUM_LIMIT - OVERRUN_ROOM);
    String clientId = config.getString(SourceConfig.CLIENT_ID);
    this.eventLoop = new NioEventLoopGroup(1, new DefaultThreadFactory("mqtt-" + clientId, true));
    Mqtt5ClientBuilder builder = MqttClient.builder()
        .useMqttVersion5()
        .identifier(clientId)
        .serverHost(config.getString(SourceConfig.HOST))
        .serverPort(config.getInt(SourceConfig.PORT))
        .executorConfig().nettyExecutor(eventLoop).applyExecutorConfig()
        .addDisconnectedListener(this::disconnected);
    if (config.getBoolean(SourceConfig.TLS)) {
      String ca = config.getString(SourceConfig.TLS_CA);
      builder = ca.isEmpty() ? builder.sslWithDefaultConfig()
          : builder.sslConfig().trustManagerFactory(Trust.in(Path.of(ca))).applySslConfig();
    }
    this.client = builder.buildAsync();
  }

  /** Starts to connect and returns at once; {@link #state()} tells how it went. */
  static MqttConnection open(SourceConfig config, Inbox inbox, SourceMetrics metrics) {
    MqttConnection connection = new MqttConnection(config, inbox, metrics);
    connection.start();
    return connection;
  }

  private void start() {
    // Before connecting: with a session present the broker delivers right behind its CONNACK. The callback runs
    // on the event loop itself (Runnable::run); a hop to another thread makes the client ask for messages in
    // small portions and walk through all unacknowledged ones for each.
    client.publishes(MqttGlobalPublishFilter.ALL, this::received, Runnable::run, true);
    client.connect(Handshake.connect(config, maxUnacknowledged + OVERRUN_ROOM))
        .thenCompose(this::subscribe)
        .whenComplete((subAck, failure) -> {
          if (failure == null && Handshake.granted(subAck)) {
            up();
          } else {
            failed(failure == null ? "the broker granted " + subAck.getReasonCodes() + ", QoS 1 is needed"
                : describe(failure));
          }
        });
  }

  private CompletionStage<Mqtt5SubAck> subscribe(Mqtt5ConnAck connAck) {
    log.info("Connected to MQTT broker {}:{} as {}: {}", config.getString(SourceConfig.HOST),
        config.getInt(SourceConfig.PORT), config.getString(SourceConfig.CLIENT_ID),
        connAck.isSessionPresent() ? "the session goes on" : "a new session");
    eventLoop.execute(this::prepareChannel);
    return client.subscribe(Handshake.subscribe(config));
  }

  private void prepareChannel() {
    Iterator<Channel> channels = ((SingleThreadEventLoop) eventLoop.next()).registeredChannelsIterator();
    if (channels.hasNext()) {
      channel = channels.next();
      channel.pipeline().addFirst(new FlushConsolidationHandler(ACKS_PER_FLUSH, true));
    }
  }

  private void received(Mqtt5Publish publish) {
    metrics.received.increment();
    boolean room = inbox.put(new Delivery(publish, this, System.currentTimeMillis()));
    unacknowledged++;
    if ((!room || unacknowledged >= maxUnacknowledged) && !paused && channel != null) {
      paused = true;
      channel.config().setAutoRead(false);
    }
  }

  @Override
  public void acknowledge(List<Delivery> deliveries) {
    // One hop to the event loop for all: the writes then follow each other and are flushed together. Without a
    // connection there is nothing to do: the broker delivers again, and what a run has recorded is recognised.
    onEventLoop(() -> {
      for (Delivery delivery : deliveries) {
        delivery.publish.acknowledge();
      }
      // Acknowledging is itself a task behind this one; only then has the client made room for as many.
      onEventLoop(() -> {
        unacknowledged -= deliveries.size();
        resumeReading();
      });
    });
  }

  /** Any thread: memory has become free. */
  void memoryFreed() {
    if (paused) {
      onEventLoop(this::resumeReading);
    }
  }

  private void resumeReading() {
    // Not at the first free place: stopping and going on costs more than a message.
    if (paused && unacknowledged <= maxUnacknowledged * 3 / 4 && inbox.hasRoom()) {
      paused = false;
      channel.config().setAutoRead(true);
    }
  }

  private void onEventLoop(Runnable task) {
    if (state == State.DOWN) {
      return;
    }
    try {
      eventLoop.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("The connection has closed meanwhile", e);
    }
  }

  State state() {
    return state;
  }

  /** True when another client has taken the session over: it must not be taken back at once, or both starve. */
  boolean replaced() {
    return replaced;
  }

  private synchronized void up() {
    if (state == State.CONNECTING) {
      state = State.UP;
      metrics.connected = true;
      log.info("Subscribed to {} at QoS 1", config.topicFilters());
    }
  }

  private synchronized void failed(String reason) {
    if (state != State.DOWN) {
      state = State.DOWN;
      metrics.connected = false;
      log.warn("MQTT connection to {}:{} failed: {}", config.getString(SourceConfig.HOST),
          config.getInt(SourceConfig.PORT), reason);
    }
  }

  private void disconnected(MqttClientDisconnectedContext context) {
    replaced = context.getCause() instanceof Mqtt5DisconnectException e
        && e.getMqttMessage().getReasonCode() == Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER;
    failed(replaced ? "another client uses the client id " + config.getString(SourceConfig.CLIENT_ID)
        : describe(context.getCause()));
  }

  private static String describe(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  /** Says goodbye behind the last acknowledgements and frees the thread; the session stays at the broker. */
  void close() throws InterruptedException {
    boolean wasUp = state == State.UP;
    synchronized (this) {
      state = State.DOWN;
      metrics.connected = false;
    }
    try {
      client.disconnect().get(GOODBYE_MS, TimeUnit.MILLISECONDS);
      if (wasUp) {
        log.info("Disconnected from MQTT broker {}:{}", config.getString(SourceConfig.HOST),
            config.getInt(SourceConfig.PORT));
      }
    } catch (ExecutionException | TimeoutException e) {
      log.debug("No orderly end of the MQTT connection", e);
    } finally {
      eventLoop.shutdownGracefully(0, GOODBYE_MS, TimeUnit.MILLISECONDS);
    }
  }
}
