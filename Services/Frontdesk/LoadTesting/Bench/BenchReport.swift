import CommandLineTool
import Foundation

/// The results of a benchmark: medians over its runs.
struct BenchReport: Sendable, Equatable, Encodable {
  /// Latencies at one offered rate, in milliseconds.
  struct Load: Sendable, Equatable, Encodable {
    var offeredPerSecond: Double
    var decidedPerSecond: Double
    var acceptToAckP50: Double
    var acceptToAckP99: Double
    var acceptToAckP999: Double
    var acceptToQueuedP50: Double
    var acceptToQueuedP99: Double
    var acceptToQueuedP999: Double

    enum CodingKeys: String, CodingKey {
      case offeredPerSecond = "offered_per_second"
      case decidedPerSecond = "decided_per_second"
      case acceptToAckP50 = "accept_to_ack_p50_ms"
      case acceptToAckP99 = "accept_to_ack_p99_ms"
      case acceptToAckP999 = "accept_to_ack_p99_9_ms"
      case acceptToQueuedP50 = "accept_to_queued_p50_ms"
      case acceptToQueuedP99 = "accept_to_queued_p99_ms"
      case acceptToQueuedP999 = "accept_to_queued_p99_9_ms"
    }

    /// The medians, figure by figure.
    init(rate: Double, runs: [BenchMeasurement.Latencies]) {
      offeredPerSecond = rate
      decidedPerSecond = BenchReport.median(runs.map(\.decidedPerSecond)).rounded()
      acceptToAckP50 = BenchReport.median(runs.map(\.acknowledged.p50))
      acceptToAckP99 = BenchReport.median(runs.map(\.acknowledged.p99))
      acceptToAckP999 = BenchReport.median(runs.map(\.acknowledged.p999))
      acceptToQueuedP50 = BenchReport.median(runs.map(\.queued.p50))
      acceptToQueuedP99 = BenchReport.median(runs.map(\.queued.p99))
      acceptToQueuedP999 = BenchReport.median(runs.map(\.queued.p999))
    }
  }

  /// The resource usage of one service, all its processes combined.
  struct ServiceLoad: Sendable, Equatable, Encodable {
    var service: String
    /// Of its largest process.
    var idleMegabytes: Double
    var fullMegabytes: Double
    /// Of one core.
    var idleProcessorPercent: Double
    var processorMicrosecondsPerMessage: Double
    /// From the start of a process to ready; nil for PostgreSQL.
    @OrNull var readySeconds: Double?

    enum CodingKeys: String, CodingKey {
      case service
      case idleMegabytes = "idle_mb"
      case fullMegabytes = "full_mb"
      case idleProcessorPercent = "idle_processor_percent"
      case processorMicrosecondsPerMessage = "processor_us_per_message"
      case readySeconds = "ready_seconds"
    }
  }

  /// The cost of a message at a given number of live tickets.
  struct Crowd: Sendable, Equatable, Encodable {
    var liveTickets: Int
    var saturationPerSecond: Double
    var processorMicrosecondsPerMessage: Double

    enum CodingKeys: String, CodingKey {
      case liveTickets = "live_tickets"
      case saturationPerSecond = "saturation_per_second"
      case processorMicrosecondsPerMessage = "processor_us_per_message"
    }
  }

  var runs: Int
  var saturationPerSecond: Double
  var rawLimitPerSecond: Double
  var loads: [Load]
  var services: [ServiceLoad] = []
  var crowds: [Crowd] = []
  var stages: [BenchStages.Stage] = []
  /// Nil where no agent could work.
  var offers: BenchOffers.Figures?

  var ratio: Double { rawLimitPerSecond > 0 ? saturationPerSecond / rawLimitPerSecond : 0 }

  enum CodingKeys: String, CodingKey {
    case runs, latencies, services, stages, offers
    case crowds = "live_tickets"
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
    try container.encode(services, forKey: .services)
    try container.encode(crowds, forKey: .crowds)
    try container.encode(stages, forKey: .stages)
    try container.encodeIfPresent(offers, forKey: .offers)
  }

  /// Returns the median; for an even count the mean of the two middle values; 0 for none.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}

// MARK: - For people

extension BenchReport {
  var text: String {
    """
      saturation     \(Int(saturationPerSecond))/s accepted to queued, durable (\(runs) \(runs == 1 ? "run" : "runs, medians"))
      raw limit      \(Int(rawLimitPerSecond))/s for a bare loop writing the same rows
      ratio          \(String(format: "%.2f", ratio))

    """
      + offerLine
      + [latencyTable, stageTable, serviceTable, crowdTable].filter { !$0.rows.isEmpty }.map(\.text).joined(
        separator: "\n\n")
  }

  private var latencyTable: TextTable {
    var table = TextTable([
      ("offered", .right), ("decided", .right), ("ack p50", .right), ("p99", .right), ("p99.9", .right),
      ("queued p50", .right), ("p99", .right), ("p99.9", .right),
    ])
    for load in loads {
      table.add(
        ["\(Int(load.offeredPerSecond))/s", "\(Int(load.decidedPerSecond))/s"]
          + [
            load.acceptToAckP50, load.acceptToAckP99, load.acceptToAckP999, load.acceptToQueuedP50,
            load.acceptToQueuedP99,
            load.acceptToQueuedP999,
          ].map(RoundedTime.milliseconds))
    }
    return table
  }

  private var offerLine: String {
    guard let offers else { return "" }
    let times = [offers.acceptToOfferedP50, offers.acceptToOfferedP99, offers.acceptToOfferedP999]
      .map(RoundedTime.milliseconds)
    return """
        accept to offer  p50 \(times[0])  p99 \(times[1])  p99.9 \(times[2])  (\(Int(offers.offeredPerSecond))/s, \
      \(offers.agents) agents)

      """
  }

  private var stageTable: TextTable {
    var table = TextTable([("stage alone", .left), ("per second", .right), ("what", .left)])
    for stage in stages { table.add([stage.stage, "\(Int(stage.perSecond))", stage.meaning]) }
    return table
  }

  private var serviceTable: TextTable {
    var table = TextTable([
      ("service", .left), ("idle MB", .right), ("loaded MB", .right), ("idle CPU", .right),
      ("per message", .right),
      ("ready after", .right),
    ])
    for service in services {
      table.add([
        service.service, String(format: "%.0f", service.idleMegabytes), String(format: "%.0f", service.fullMegabytes),
        String(format: "%.1f %%", service.idleProcessorPercent),
        String(format: "%.0f µs", service.processorMicrosecondsPerMessage),
        service.readySeconds.map { String(format: "%.2f s", $0) } ?? "",
      ])
    }
    return table
  }

  private var crowdTable: TextTable {
    var table = TextTable([("live tickets", .right), ("saturation", .right), ("per message", .right)])
    for crowd in crowds {
      table.add([
        "\(crowd.liveTickets)", "\(Int(crowd.saturationPerSecond))/s",
        String(format: "%.0f µs", crowd.processorMicrosecondsPerMessage),
      ])
    }
    return table
  }
}
