package io.aviary.connect.mqtt;

/** Reads a position in a run: decimal digits only, small enough that the next position still fits in a long. */
final class Sequence {
  /** No usable position. */
  static final long NONE = -1;

  private static final int MAX_DIGITS = 18;

  private Sequence() {}

  /** Returns the position, or {@link #NONE} for anything else: a malformed position must not stop the flow. */
  static long parse(CharSequence text) {
    int length = text == null ? 0 : text.length();
    if (length == 0 || length > MAX_DIGITS) {
      return NONE;
    }
    long value = 0;
    for (int i = 0; i < length; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return NONE;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
