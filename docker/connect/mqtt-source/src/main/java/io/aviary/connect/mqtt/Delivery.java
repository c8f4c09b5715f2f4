package io.aviary.connect.mqtt;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.util.List;

/** One message as the broker delivered it, until it is acknowledged on the connection it came by. */
final class Delivery {
  /** Acknowledges on the connection that delivered; does nothing once that connection is gone. */
  interface Origin {
    void acknowledge(List<Delivery> deliveries);
  }

  /** What a message costs in memory beside its payload: client objects, headers and the record. */
  private static final int OVERHEAD_BYTES = 1024;

  final Mqtt5Publish publish;
  final Origin origin;
  final long receivedAtMs;
  final int payloadBytes;

  private volatile boolean confirmed;

  Delivery(Mqtt5Publish publish, Origin origin, long receivedAtMs) {
    this.publish = publish;
    this.origin = origin;
    this.receivedAtMs = receivedAtMs;
    this.payloadBytes = publish.getPayload().map(java.nio.Buffer::remaining).orElse(0);
  }

  int heapBytes() {
    return payloadBytes + OVERHEAD_BYTES;
  }

  /** Kafka has it, or had it already. */
  void confirm() {
    confirmed = true;
  }

  boolean confirmed() {
    return confirmed;
  }
}
