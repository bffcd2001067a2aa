import Foundation

/// The figures of a measurement: medians over its runs.
struct BenchReport: Sendable, Equatable, Encodable {
  /// Latencies at one offered rate, in milliseconds.
  struct Load: Sendable, Equatable, Encodable {
    var offeredPerSecond: Double
    var acceptToAckP50: Double
    var acceptToAckP99: Double
    var acceptToQueuedP50: Double
    var acceptToQueuedP99: Double

    enum CodingKeys: String, CodingKey {
      case offeredPerSecond = "offered_per_second"
      case acceptToAckP50 = "accept_to_ack_p50_ms"
      case acceptToAckP99 = "accept_to_ack_p99_ms"
      case acceptToQueuedP50 = "accept_to_queued_p50_ms"
      case acceptToQueuedP99 = "accept_to_queued_p99_ms"
    }

    /// The medians, figure by figure.
    init(rate: Double, runs: [BenchMeasurement.Latencies]) {
      offeredPerSecond = rate
      acceptToAckP50 = BenchReport.median(runs.map(\.acknowledgedP50))
      acceptToAckP99 = BenchReport.median(runs.map(\.acknowledgedP99))
      acceptToQueuedP50 = BenchReport.median(runs.map(\.queuedP50))
      acceptToQueuedP99 = BenchReport.median(runs.map(\.queuedP99))
    }
  }

  var runs: Int
  var saturationPerSecond: Double
  var rawLimitPerSecond: Double
  var loads: [Load]

  var ratio: Double { rawLimitPerSecond > 0 ? saturationPerSecond / rawLimitPerSecond : 0 }

  enum CodingKeys: String, CodingKey {
    case runs, latencies
    case saturationPerSecond = "saturation_per_second"
    case rawLimitPerSecond = "raw_limit_per_second"
    case ratio = "saturation_to_raw_limit_ratio"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(runs, forKey: .runs)
    try container.encode(saturationPerSecond.rounded(), forKey: .saturationPerSecond)
    try container.encode(rawLimitPerSecond.rounded(), forKey: .rawLimitPerSecond)
    try container.encode((ratio * 1000).rounded() / 1000, forKey: .ratio)
    try container.encode(loads, forKey: .latencies)
  }

  /// The middle value, of an even number the mean of the two middle ones; 0 of none.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  var text: String {
    var table = TextTable([
      ("offered", .right), ("ack p50", .right), ("ack p99", .right), ("queued p50", .right), ("queued p99", .right),
    ])
    for load in loads {
      table.add(
        ["\(Int(load.offeredPerSecond))/s"]
          + [load.acceptToAckP50, load.acceptToAckP99, load.acceptToQueuedP50, load.acceptToQueuedP99]
          .map(ProgressLine.milliseconds))
    }
    return """
        saturation     \(Int(saturationPerSecond))/s accepted to queued, durable (\(runs) \(runs == 1 ? "run" : "runs, medians"))
        raw limit      \(Int(rawLimitPerSecond))/s by a bare loop over the same rows
        ratio          \(String(format: "%.2f", ratio))

      \(table.text)
      """
  }
}
