package io.aviary.connect.mqtt;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * The runs in memory, the least recently used leaving first. A run is read from Connect's offset storage
 * when it is first seen and again after it has left, so the limit costs a read, never correctness.
 */
final class RunLedger {
  static final String RUN_ID = "run-id";

  private final int limit;
  private final Function<Map<String, String>, Map<String, Object>> storedOffset;
  private final LinkedHashMap<String, RunState> runs = new LinkedHashMap<>(16, 0.75f, true);

  RunLedger(int limit, Function<Map<String, String>, Map<String, Object>> storedOffset) {
    this.limit = limit;
    this.storedOffset = storedOffset;
  }

  static Map<String, String> partition(String runId) {
    return Map.of(RUN_ID, runId);
  }

  RunState run(String runId) {
    RunState known = runs.get(runId);
    if (known != null) {
      return known;
    }
    Map<String, String> partition = partition(runId);
    RunState state;
    try {
      state = RunState.restore(partition, storedOffset.apply(partition));
    } catch (IllegalArgumentException e) {
      // Guessing would lose or repeat messages of the run; alterOffsets keeps such offsets out.
      throw new ConnectException("The stored offset of run " + runId + " cannot be read: " + e.getMessage(), e);
    }
    runs.put(runId, state);
    evict(state);
    return state;
  }

  private void evict(RunState newest) {
    for (Iterator<RunState> eldest = runs.values().iterator(); runs.size() > limit && eldest.hasNext(); ) {
      RunState state = eldest.next();
      if (state != newest && state.settled()) {
        eldest.remove();
      }
    }
  }

  int size() {
    return runs.size();
  }
}
