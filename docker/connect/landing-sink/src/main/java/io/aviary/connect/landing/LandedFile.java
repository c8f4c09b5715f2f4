package io.aviary.connect.landing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * A file that readers see. Named by its partition and first offset, as Kafka names its own segments; its end is in its last
 * line.
 */
record LandedFile(Path path, TopicPartition partition, long first) {
  static final String SUFFIX = ".jsonl";

  private static final int FIRST_LOOK_BYTES = 8_192;
  private static final JsonFactory JSON = new JsonFactory();

  /** Padded, so that names in order are offsets in order. */
  static String name(TopicPartition partition, long first) {
    return String.format("%s-%020d%s", partition, first, SUFFIX);
  }

  /** The offset of the last record. The file is whole when it becomes visible, so anything else was done by somebody else. */
  long last() throws IOException {
    byte[] line = lastLine();
    long offset = -1;
    long from = -1;
    try (JsonParser parser = JSON.createParser(line)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals(TweetLine.KAFKA_OFFSET)) {
          offset = parser.getLongValue();
        } else if (name.equals(TweetLine.KAFKA_PARTITION)) {
          from = parser.getLongValue();
        } else {
          parser.skipChildren();
        }
      }
    } catch (JsonProcessingException e) {
      throw strange("its last line is not JSON: " + e.getOriginalMessage());
    }
    if (from != partition.partition() || offset < first) {
      throw strange("its last line says partition " + from + " and offset " + offset);
    }
    return offset;
  }

  private byte[] lastLine() throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      long size = channel.size();
      for (long look = FIRST_LOOK_BYTES; size > 0; look *= 4) {
        byte[] end = new byte[(int) Math.min(look, size)];
        ByteBuffer buffer = ByteBuffer.wrap(end);
        while (buffer.hasRemaining() && channel.read(buffer, size - end.length + buffer.position()) >= 0) {
          continue;
        }
        if (end[end.length - 1] != '\n') {
          throw strange("its last line is not complete");
        }
        int start = end.length - 1;
        while (start > 0 && end[start - 1] != '\n') {
          start--;
        }
        if (start > 0 || end.length == size) {
          return Arrays.copyOfRange(end, start, end.length - 1);
        }
      }
    }
    throw strange("it is empty");
  }

  private ConnectException strange(String what) {
    return new ConnectException(path + " was not left so by this connector: " + what
        + ". Move it and the later files of its partition out of the folder; what they held is landed again.");
  }
}
