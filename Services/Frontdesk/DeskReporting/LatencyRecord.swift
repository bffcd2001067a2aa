import Histogram

/// A histogram of latencies with three significant digits in bounded memory.
package struct LatencyRecord: Sendable {
  private var histogram: Histogram<UInt64>

  package init() {
    // Up to an hour in microseconds; longer times count as an hour.
    histogram = Histogram(highestTrackableValue: LatencyRecord.highest, numberOfSignificantValueDigits: .three)
  }

  private static let highest: UInt64 = 3_600_000_000

  package var count: UInt64 { histogram.totalCount }

  package mutating func record(_ time: Duration, times: Int = 1) {
    record(
      microseconds: time.components.seconds * 1_000_000 + time.components.attoseconds / 1_000_000_000_000, times: times)
  }

  package mutating func record(microseconds: Int64, times: Int = 1) {
    histogram.record(min(UInt64(max(1, microseconds)), LatencyRecord.highest), count: UInt64(times))
  }

  /// Returns the latency at this percentile, in milliseconds; nil when there are none.
  /// - Parameter percent: 0 to 100.
  package func milliseconds(atPercent percent: Double) -> Double? {
    count == 0 ? nil : Double(histogram.valueAtPercentile(percent)) / 1000
  }
}
