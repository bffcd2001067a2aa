/// Parses `Retry-After`.
public enum RetryAfter {
  /// Whole seconds, or a date (RFC 9110, section 10.2.3); nil for anything else.
  /// - Parameters:
  ///   - now: the time from which a date counts.
  ///   - longest: no result is longer; none is negative.
  public static func pause(_ text: String, now: Instant, upTo longest: Duration) -> Duration? {
    if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      // A number with too many digits is longer than anything.
      guard let seconds = Int64(text), seconds <= longest.components.seconds else { return longest }
      return .seconds(seconds)
    }
    return HTTPDate.instant(text, now: now).map { min(max(.zero, $0 - now), longest) }
  }
}
