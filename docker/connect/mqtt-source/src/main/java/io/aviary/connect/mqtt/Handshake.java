package io.aviary.connect.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAck;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.config.types.Password;

/** What is said to the broker at the start of each connection. */
final class Handshake {
  private Handshake() {}

  /** Takes the session up again where the broker still has it. */
  static Mqtt5Connect connect(SourceConfig config, int receiveMaximum) {
    var connect = Mqtt5Connect.builder()
        .cleanStart(false)
        .sessionExpiryInterval(config.getLong(SourceConfig.SESSION_EXPIRY))
        .keepAlive(config.getInt(SourceConfig.KEEP_ALIVE))
        .restrictions()
        .receiveMaximum(receiveMaximum)
        .maximumPacketSize(config.getInt(SourceConfig.PACKET_MAX_BYTES))
        .applyRestrictions();
    String username = config.getString(SourceConfig.USERNAME);
    if (username == null) {
      return connect.build();
    }
    Password password = config.getPassword(SourceConfig.PASSWORD);
    byte[] secret = password == null ? new byte[0] : password.value().getBytes(StandardCharsets.UTF_8);
    return connect.simpleAuth().username(username).password(secret).applySimpleAuth().build();
  }

  /**
   * Sent always, even with a session present: the broker may have restored one without its subscriptions.
   * Retained messages come with a new subscription only, or each reconnect would repeat them.
   */
  static Mqtt5Subscribe subscribe(SourceConfig config) {
    List<Mqtt5Subscription> subscriptions = config.topicFilters().stream()
        .map(filter -> Mqtt5Subscription.builder()
            .topicFilter(filter)
            .qos(MqttQos.AT_LEAST_ONCE)
            .retainHandling(Mqtt5RetainHandling.SEND_IF_SUBSCRIPTION_DOES_NOT_EXIST)
            .build())
        .toList();
    return Mqtt5Subscribe.builder().addSubscriptions(subscriptions).build();
  }

  /** At QoS 0 the broker would drop what it cannot deliver: that is a refusal, too. */
  static boolean granted(Mqtt5SubAck subAck) {
    return subAck.getReasonCodes().stream().allMatch(Mqtt5SubAckReasonCode.GRANTED_QOS_1::equals);
  }
}
