"""Publishes each line of a file at QoS 1 with paho's defaults and waits until all are acknowledged."""
import sys
import paho.mqtt.client as mqtt

port, path = int(sys.argv[1]), sys.argv[2]
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.connect("127.0.0.1", port)
client.loop_start()
last = None
with open(path, encoding="utf-8") as lines:
    for line in lines:
        text = line.rstrip("\n")
        while (info := client.publish("tweets", text, qos=1)).rc == mqtt.MQTT_ERR_QUEUE_SIZE:
            # Its queue holds 65,535 messages: what an ordinary script does then is wait.
            last.wait_for_publish()
        last = info
# Acknowledgements come in order, so the last one is the end.
last.wait_for_publish()
client.disconnect()
client.loop_stop()
