package io.aviary.connect.mqtt;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The exact set of sequence numbers of one run that are recorded in Kafka or on their way there: every
 * number up to the watermark, and closed ranges above it while gaps exist. "Highest seen" would not do:
 * after a broker has lost messages, the repair arrives below the highest and must not be dropped.
 *
 * <p>Confined to the task thread, apart from {@link #recorded()}.
 */
final class RunState {
  static final String SEQ = "seq";
  static final String ABOVE = "above";

  /** Beyond this many ranges a run is not sent in order at all; it also bounds the stored offset to about 40 kB. */
  static final int MAX_RANGES = 1000;

  enum Verdict {
    /** Not recorded before; remembered from now on. */
    NEW,
    /** Recorded, or on its way: to be acknowledged in its turn, not sent again. */
    DUPLICATE,
    /** New, but too many gaps to remember it: delivered at least once. */
    UNTRACKED
  }

  private final Map<String, String> partition;
  private final TreeMap<Long, Long> above = new TreeMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private long watermark = -1;

  RunState(Map<String, String> partition) {
    this.partition = partition;
  }

  /** Rebuilds the set from a stored offset; null means that nothing of the run is recorded. Throws IllegalArgumentException. */
  static RunState restore(Map<String, String> partition, Map<String, ?> offset) {
    RunState state = new RunState(partition);
    if (offset == null) {
      return state;
    }
    state.watermark = readWatermark(offset.get(SEQ));
    Object ranges = offset.get(ABOVE);
    if (ranges != null) {
      state.readRanges(ranges);
    }
    return state;
  }

  private static long readWatermark(Object value) {
    if (!(value instanceof Long || value instanceof Integer) || ((Number) value).longValue() < -1) {
      throw new IllegalArgumentException("'" + SEQ + "' must be an integer of at least -1, not " + value);
    }
    return ((Number) value).longValue();
  }

  private void readRanges(Object value) {
    if (!(value instanceof String text)) {
      throw new IllegalArgumentException("'" + ABOVE + "' must be text, not " + value);
    }
    if (text.isEmpty()) {
      return;
    }
    long previous = watermark;
    for (String range : text.split(",", -1)) {
      int dash = range.indexOf('-');
      long first = dash > 0 ? Sequence.parse(range.substring(0, dash)) : Sequence.NONE;
      long last = dash > 0 ? Sequence.parse(range.substring(dash + 1)) : Sequence.NONE;
      // Touching ranges would be one range: only what this class writes is read back.
      if (first == Sequence.NONE || last < first || first <= previous + 1) {
        throw new IllegalArgumentException(
            "'" + ABOVE + "' must be rising closed ranges such as 5-7,9-9 above " + (previous + 1) + ", not " + range);
      }
      above.put(first, last);
      previous = last;
    }
  }

  Verdict accept(long seq) {
    if (seq <= watermark) {
      return Verdict.DUPLICATE;
    }
    if (seq == watermark + 1) {
      advance(seq);
      return Verdict.NEW;
    }
    Map.Entry<Long, Long> below = above.floorEntry(seq);
    if (below != null && seq <= below.getValue()) {
      return Verdict.DUPLICATE;
    }
    return insert(seq, below) ? Verdict.NEW : Verdict.UNTRACKED;
  }

  private void advance(long seq) {
    watermark = seq;
    Map.Entry<Long, Long> next = above.firstEntry();
    if (next != null && next.getKey() == seq + 1) {
      watermark = next.getValue();
      above.pollFirstEntry();
    }
  }

  private boolean insert(long seq, Map.Entry<Long, Long> below) {
    boolean extendsBelow = below != null && below.getValue() == seq - 1;
    Long upperEnd = above.get(seq + 1);
    if (!extendsBelow && upperEnd == null && above.size() >= MAX_RANGES) {
      return false;
    }
    if (upperEnd != null) {
      above.remove(seq + 1);
    }
    above.put(extendsBelow ? below.getKey() : seq, upperEnd != null ? upperEnd : seq);
    return true;
  }

  /** What is stored with a record: covers that record and everything accepted before it, nothing after it. */
  Map<String, ?> offset() {
    if (above.isEmpty()) {
      return Map.of(SEQ, watermark);
    }
    StringBuilder ranges = new StringBuilder();
    above.forEach((first, last) -> {
      if (ranges.length() > 0) {
        ranges.append(',');
      }
      ranges.append(first.longValue()).append('-').append(last.longValue());
    });
    return Map.of(SEQ, watermark, ABOVE, ranges.toString());
  }

  Map<String, String> partition() {
    return partition;
  }

  long watermark() {
    return watermark;
  }

  int gaps() {
    return above.size();
  }

  void sent() {
    inFlight.incrementAndGet();
  }

  /** Any thread: without exactly-once the worker reports from the producer's thread. */
  void recorded() {
    inFlight.decrementAndGet();
  }

  /** While false, memory knows more than the offset storage, so the state must not be dropped and read anew. */
  boolean settled() {
    return inFlight.get() == 0;
  }
}
