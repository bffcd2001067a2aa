import CommandLineTool
import Foundation

/// The results of a benchmark: medians over its runs. What was not measured is null, or an empty list.
struct BenchReport: Sendable, Equatable, Encodable {
  /// Latencies at one offered rate, in milliseconds.
  struct Load: Sendable, Equatable, Encodable {
    var offeredPerSecond: Double
    var decidedPerSecond: Double
    /// From when a message was due to its acknowledgement.
    var acceptToAckP50: Double
    var acceptToAckP99: Double
    var acceptToAckP999: Double
    /// From the commit of a message to the commit of its decision.
    var acceptToQueuedP50: Double
    var acceptToQueuedP99: Double
    var acceptToQueuedP999: Double
    /// From when a message was due to the commit of its decision.
    var dueToQueuedP50: Double
    var dueToQueuedP99: Double
    var dueToQueuedP999: Double
    var processorMicrosecondsPerMessage: Double
    /// Messages whose decisions were committed together, on average.
    var messagesPerCommit: Double
    /// The processor time of a message's rows when bare loops write as many together; nil where that was not measured.
    @OrNull var rawProcessorMicrosecondsPerMessage: Double?
    /// Of all the machine's processors, 0 to 1.
    @OrNull var busyShare: Double?
    /// Of the desk and the client.
    @OrNull var ownBusyShare: Double?

    enum CodingKeys: String, CodingKey {
      case offeredPerSecond = "offered_per_second"
      case decidedPerSecond = "decided_per_second"
      case acceptToAckP50 = "accept_to_ack_p50_ms"
      case acceptToAckP99 = "accept_to_ack_p99_ms"
      case acceptToAckP999 = "accept_to_ack_p99_9_ms"
      case acceptToQueuedP50 = "accept_to_queued_p50_ms"
      case acceptToQueuedP99 = "accept_to_queued_p99_ms"
      case acceptToQueuedP999 = "accept_to_queued_p99_9_ms"
      case dueToQueuedP50 = "due_to_queued_p50_ms"
      case dueToQueuedP99 = "due_to_queued_p99_ms"
      case dueToQueuedP999 = "due_to_queued_p99_9_ms"
      case processorMicrosecondsPerMessage = "processor_us_per_message"
      case messagesPerCommit = "messages_per_commit"
      case rawProcessorMicrosecondsPerMessage = "raw_processor_us_per_message"
      case busyShare = "busy_share"
      case ownBusyShare = "own_busy_share"
    }

    /// The medians, figure by figure.
    init(rate: Double, runs: [BenchMeasurement.Latencies]) {
      func median(_ figure: (BenchMeasurement.Latencies) -> Double) -> Double { BenchReport.median(runs.map(figure)) }
      offeredPerSecond = rate
      decidedPerSecond = median(\.decidedPerSecond).rounded()
      acceptToAckP50 = median(\.acknowledged.p50)
      acceptToAckP99 = median(\.acknowledged.p99)
      acceptToAckP999 = median(\.acknowledged.p999)
      acceptToQueuedP50 = median(\.queued.p50)
      acceptToQueuedP99 = median(\.queued.p99)
      acceptToQueuedP999 = median(\.queued.p999)
      dueToQueuedP50 = median(\.queuedSinceDue.p50)
      dueToQueuedP99 = median(\.queuedSinceDue.p99)
      dueToQueuedP999 = median(\.queuedSinceDue.p999)
      processorMicrosecondsPerMessage = median(\.cost.microseconds).rounded()
      messagesPerCommit = (median(\.messagesPerCommit) * 10).rounded() / 10
      let rows = runs.compactMap(\.rows?.microsecondsPerMessage)
      rawProcessorMicrosecondsPerMessage = rows.isEmpty ? nil : BenchReport.median(rows).rounded()
      busyShare = BenchReport.share(runs.map(\.cost.busyShare))
      ownBusyShare = BenchReport.share(runs.map(\.cost.ownShare))
    }
  }

  /// The resource usage of one service, all its processes combined.
  struct ServiceLoad: Sendable, Equatable, Encodable {
    var service: String
    /// Of its largest process.
    @OrNull var idleMegabytes: Double?
    var fullMegabytes: Double
    /// Of one core.
    @OrNull var idleProcessorPercent: Double?
    /// At saturation.
    @OrNull var processorMicrosecondsPerMessage: Double?
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
    @OrNull var busyShare: Double?

    enum CodingKeys: String, CodingKey {
      case liveTickets = "live_tickets"
      case saturationPerSecond = "saturation_per_second"
      case processorMicrosecondsPerMessage = "processor_us_per_message"
      case busyShare = "busy_share"
    }
  }

  /// Messages sent at once to a desk that had just become ready, in milliseconds since they were sent.
  struct First: Sendable, Equatable, Encodable {
    var messages: Int
    var firstQueued: Double
    var medianQueued: Double
    var lastQueued: Double

    enum CodingKeys: String, CodingKey {
      case messages
      case firstQueued = "first_queued_ms"
      case medianQueued = "median_queued_ms"
      case lastQueued = "last_queued_ms"
    }
  }

  /// A rate, and what a message costs at it.
  struct Throughput: Sendable, Equatable {
    var perSecond: Double
    var microsecondsPerMessage: Double
    var microsecondsLater = 0.0
    var busyShare: Double?
  }

  var runs: Int
  var saturationPerSecond: Double?
  var rawLimitPerSecond: Double?
  var loads: [Load]
  var services: [ServiceLoad] = []
  var crowds: [Crowd] = []
  var stages: [BenchStages.Stage] = []
  var traffic: [BenchTraffic.Figures] = []
  /// Nil where no agent could work.
  var offers: BenchOffers.Figures?
  var first: First?
  /// At saturation, in microseconds of processor time: services, PostgreSQL and client.
  var processorPerMessage: Double?
  /// The part of it that follows the decision.
  var laterProcessorPerMessage: Double?
  var rawProcessorPerMessage: Double?
  /// Of the two in the same run.
  var processorRatio: Double?
  var busyShare: Double?
  var rawBusyShare: Double?
  /// Whether the server recorded when transactions were committed; else latencies end when the deciding transactions began.
  var hasCommitTimes = true

  var ratio: Double? {
    guard let saturationPerSecond, let rawLimitPerSecond, rawLimitPerSecond > 0 else { return nil }
    return saturationPerSecond / rawLimitPerSecond
  }

  enum CodingKeys: String, CodingKey {
    case runs, latencies, services, stages, offers, traffic
    case crowds = "live_tickets"
    case saturationPerSecond = "saturation_per_second"
    case rawLimitPerSecond = "raw_limit_per_second"
    case ratio = "saturation_to_raw_limit_ratio"
    case first = "first_messages"
    case processorPerMessage = "processor_us_per_message"
    case laterProcessorPerMessage = "later_processor_us_per_message"
    case rawProcessorPerMessage = "raw_processor_us_per_message"
    case processorRatio = "processor_to_raw_ratio"
    case busyShare = "saturation_busy_share"
    case rawBusyShare = "raw_busy_share"
    case hasCommitTimes = "commit_times_recorded"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    func encode(_ value: Double?, _ digits: Double, forKey key: CodingKeys) throws {
      try container.encode(OrNull(wrappedValue: value.map { ($0 * digits).rounded() / digits }), forKey: key)
    }
    try container.encode(runs, forKey: .runs)
    try encode(processorRatio, 1000, forKey: .processorRatio)
    try encode(processorPerMessage, 10, forKey: .processorPerMessage)
    try encode(laterProcessorPerMessage, 10, forKey: .laterProcessorPerMessage)
    try encode(rawProcessorPerMessage, 10, forKey: .rawProcessorPerMessage)
    try encode(saturationPerSecond, 1, forKey: .saturationPerSecond)
    try encode(rawLimitPerSecond, 1, forKey: .rawLimitPerSecond)
    try encode(ratio, 1000, forKey: .ratio)
    try encode(busyShare, 1000, forKey: .busyShare)
    try encode(rawBusyShare, 1000, forKey: .rawBusyShare)
    try container.encode(hasCommitTimes, forKey: .hasCommitTimes)
    try container.encode(loads, forKey: .latencies)
    try container.encode(services, forKey: .services)
    try container.encode(crowds, forKey: .crowds)
    try container.encode(stages, forKey: .stages)
    try container.encode(traffic, forKey: .traffic)
    try container.encodeIfPresent(offers, forKey: .offers)
    try container.encodeIfPresent(first, forKey: .first)
  }

  /// Returns the median; for an even count the mean of the two middle values; 0 for none.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// Returns the median of the known shares to three digits; nil for none.
  static func share(_ shares: [Double?]) -> Double? {
    let known = shares.compactMap(\.self)
    return known.isEmpty ? nil : (median(known) * 1000).rounded() / 1000
  }

  /// Sets the figures of saturation and raw limit from their runs; the processor times are compared run by run.
  mutating func set(saturation: [Throughput], raw: [Throughput]) {
    func median(_ runs: [Throughput], _ figure: (Throughput) -> Double) -> Double? {
      runs.isEmpty ? nil : Self.median(runs.map(figure))
    }
    saturationPerSecond = median(saturation, \.perSecond)
    rawLimitPerSecond = median(raw, \.perSecond)
    processorPerMessage = median(saturation, \.microsecondsPerMessage)
    laterProcessorPerMessage = median(saturation, \.microsecondsLater)
    rawProcessorPerMessage = median(raw, \.microsecondsPerMessage)
    busyShare = Self.share(saturation.map(\.busyShare))
    rawBusyShare = Self.share(raw.map(\.busyShare))
    let ratios = zip(saturation, raw).map { $0.microsecondsPerMessage / $1.microsecondsPerMessage }
    processorRatio = ratios.isEmpty ? nil : Self.median(ratios)
  }
}
