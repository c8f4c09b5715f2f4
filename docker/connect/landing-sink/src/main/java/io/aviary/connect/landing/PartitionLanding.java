package io.aviary.connect.landing;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition on its way into the folder. Records are appended to a file that nobody sees; a publication makes it visible in one
 * step.
 *
 * <p>While the newest visible file, the tail, is small, the unseen file begins as its copy and takes its place. So a record is at
 * every moment in exactly one visible file, a reader's path never disappears, and who opened the tail by its old length reads
 * the same bytes in the longer one. Once it is large it is left alone for ever and the next one begins.
 */
final class PartitionLanding {
  private static final Logger log = LoggerFactory.getLogger(PartitionLanding.class);
  private static final int BUFFER_BYTES = 262_144;

  private final LandingFolder folder;
  private final TopicPartition partition;
  private final long maxBytes;
  private final FileChannel lock;
  private final TweetLine line = new TweetLine();

  /** Newest visible file while it may still grow; null when the next publication begins a new one. */
  private Path tail;
  /** Offset after the last record that readers see. */
  private long landed;
  /** Offset after the last record taken. Records need not follow closely: rolled back ones and markers take offsets too. */
  private long next;

  /** Null while everything taken is visible. */
  private OutputStream out;
  private FileChannel channel;
  private Path target;
  private long bytes;
  private long sinceMs;

  /** Throws ConnectException when the folder does not hold each record once, or cannot be used. */
  PartitionLanding(LandingFolder folder, TopicPartition partition, long maxBytes) {
    this.folder = folder;
    this.partition = partition;
    this.maxBytes = maxBytes;
    try {
      lock = folder.lock(partition);
    } catch (IOException e) {
      throw folder.fault("cannot be used for " + partition, e);
    }
    try {
      resume(folder.files(partition));
      Files.deleteIfExists(folder.growing(partition));
    } catch (IOException e) {
      release();
      throw folder.fault("cannot be read for " + partition, e);
    } catch (RuntimeException e) {
      release();
      throw e;
    }
  }

  private void resume(List<LandedFile> files) throws IOException {
    LandedFile before = null;
    long end = -1;
    for (LandedFile file : files) {
      if (file.first() <= end) {
        throw new ConnectException(before.path() + " goes to offset " + end + ", but " + file.path().getFileName()
            + " begins at " + file.first() + ": readers would count records twice. Move the second and all later files of "
            + partition + " out of the folder; what is then missing is landed again.");
      }
      before = file;
      end = file.last();
    }
    next = end + 1;
    landed = next;
    tail = before != null && Files.size(before.path()) < maxBytes ? before.path() : null;
  }

  long landed() {
    return landed;
  }

  /** Takes a record. True when that has filled the file and so made it visible. */
  boolean append(SinkRecord record, long nowMs) {
    long offset = record.originalKafkaOffset();
    if (offset < next) {
      throw new ConnectException("Kafka hands out offset " + offset + " of " + partition + ", but " + folder.path()
          + " holds that partition up to " + (next - 1) + " already. If the topic was made anew, move the files of " + partition
          + " out of the folder to land it from its beginning.");
    }
    line.of(record);
    try {
      if (out == null) {
        begin(offset, nowMs);
      }
      line.writeTo(out);
      bytes += line.size();
      next = offset + 1;
      return bytes >= maxBytes && publish();
    } catch (IOException e) {
      drop();
      throw folder.fault("cannot be written", e);
    }
  }

  private void begin(long offset, long nowMs) throws IOException {
    channel = FileChannel.open(folder.growing(partition), StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
    bytes = tail == null ? 0 : copyTail();
    target = tail == null ? folder.path().resolve(LandedFile.name(partition, offset)) : tail;
    out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
    sinceMs = nowMs;
  }

  private long copyTail() throws IOException {
    try (FileChannel from = FileChannel.open(tail)) {
      long size = from.size();
      for (long done = 0; done < size; ) {
        done += from.transferTo(done, size - done, channel);
      }
      return size;
    }
  }

  /** How long the oldest record that readers do not see may still wait; at most 0 when it is due, MAX_VALUE when there is none. */
  long dueInMs(long flushMs, long nowMs) {
    return out == null ? Long.MAX_VALUE : sinceMs + flushMs - nowMs;
  }

  /** Makes everything taken visible. Always true. */
  boolean publish() {
    try {
      out.flush();
      // Before the rename, or a power cut could leave the name without the content.
      channel.force(true);
      channel.close();
      folder.publish(folder.growing(partition), target);
    } catch (IOException e) {
      drop();
      throw folder.fault("cannot be written", e);
    }
    out = null;
    tail = bytes < maxBytes ? target : null;
    landed = next;
    log.debug("{} has landed up to {} in {}", partition, landed - 1, target.getFileName());
    return true;
  }

  /** Publishes what is left, so that a stopped connector leaves nothing to be read again, and lets others write. Never throws. */
  void close() {
    try {
      if (out != null) {
        publish();
      }
    } catch (ConnectException e) {
      log.warn("What was taken of {} and not published is read again: {}", partition, e.getMessage());
    } finally {
      release();
    }
  }

  /** After a fault: also gives back the space. Everything taken and not published is read again by the next task. */
  private void drop() {
    out = null;
    try {
      if (channel != null) {
        channel.close();
      }
      Files.deleteIfExists(folder.growing(partition));
    } catch (IOException e) {
      log.debug("{} is left behind", folder.growing(partition), e);
    }
  }

  private void release() {
    try {
      lock.close();
    } catch (IOException e) {
      log.warn("The lock of {} in {} could not be given back", partition, folder.path(), e);
    }
  }
}
