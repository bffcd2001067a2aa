/// Limits of what spans hold and of how they are exported.
public enum TracingBounds {
  /// Finished spans that wait for their export; more are dropped and counted. At least one batch.
  public static let spansWaiting = 8 * spansPerBatch
  /// Spans of one export.
  public static let spansPerBatch = 512
  /// A batch that is not full is exported after this time.
  public static let longestWait: Duration = .seconds(5)
  /// The interval at which the exporter checks whether a batch is due.
  public static let pollingPause: Duration = .milliseconds(500)
  /// The pauses after failed exports, without a `Retry-After`.
  public static let firstPause: Duration = .seconds(1)
  public static let longestPause: Duration = .seconds(60)
  /// The longest `Retry-After` that is obeyed.
  public static let longestAskedPause: Duration = .seconds(600)
  /// The time of one export, including its connection.
  public static let requestTime: Duration = .seconds(10)
  /// The time for exporting what is left when the process drains.
  public static let drainTime: Duration = .seconds(3)
  /// A longer answer of a collector is a failure; in bytes.
  package static let answerBytes = 64 << 10
  /// Attributes of one span; more are left out and counted in the span.
  package static let attributesPerSpan = 16
  /// Longer attribute values and names are truncated; in bytes.
  package static let textBytes = 256
}
