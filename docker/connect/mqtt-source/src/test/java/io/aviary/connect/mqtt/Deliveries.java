package io.aviary.connect.mqtt;

import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserPropertiesBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Deliveries as the MQTT client hands them over, and a wire that notes what is acknowledged. */
final class Deliveries {
  static final class Wire implements Delivery.Origin {
    final List<Delivery> acknowledged = new ArrayList<>();
    int calls;

    @Override
    public void acknowledge(List<Delivery> deliveries) {
      calls++;
      acknowledged.addAll(deliveries);
    }
  }

  private Deliveries() {}

  static Delivery of(Delivery.Origin origin, byte[] payload, String... properties) {
    Mqtt5UserPropertiesBuilder builder = Mqtt5UserProperties.builder();
    for (int i = 0; i < properties.length; i += 2) {
      builder = builder.add(properties[i], properties[i + 1]);
    }
    Mqtt5Publish publish = Mqtt5Publish.builder()
        .topic("tweets/42")
        .payload(payload)
        .userProperties(builder.build())
        .build();
    return new Delivery(publish, origin, 1_700_000_000_123L);
  }

  static Delivery of(String payload, String... properties) {
    return of(new Wire(), payload.getBytes(StandardCharsets.UTF_8), properties);
  }
}
