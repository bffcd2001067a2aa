import CommandLineTool
import DeskCore
import DeskReporting
import Foundation
import PostgreSQL
import Store

/// Offers a desk several times what it carries, for minutes, and measures what it still does, what it needs, and how soon it is back to
/// normal. Each message is sent once, when it is due: one that is refused or not answered in time is not sent again, as by many
/// independent clients. Requests that wait for an answer are bounded, so the client sends less where the desk delays its answers.
struct BenchOverload: Sendable {
  struct Figures: Sendable, Equatable, Encodable {
    /// What it does as fast as acknowledged: before, and again after it.
    var saturationPerSecond: Double
    var saturationPerSecondAfter: Double
    var offeredPerSecond: Double
    /// What the client could send.
    var sentPerSecond: Double
    var seconds: Double
    var sent: Int
    var acknowledged: Int
    var refusedOrUnanswered: Int
    /// The number of answers by reason, which a retry could have changed.
    // exact-keys: codes of our own answers.
    var reasons: [String: Int]
    /// Messages in the database: at least the acknowledged ones.
    var stored: Int64
    var decided: Int64
    var decidedPerSecond: Double
    /// Of the mean of both saturations, between which the overload lies.
    var shareOfSaturation: Double
    /// The client's share of all processors during the overload, and while it sent as fast as acknowledged.
    var clientShare: Double
    var clientShareAtSaturation: Double
    /// `shareOfSaturation`, each rate divided by the share of the processors that the client left to the desk: clients have machines of
    /// their own elsewhere.
    var shareOfSaturationWithoutClient: Double
    var slices: [Slice]
    /// Of its largest process, at most; and before the overload.
    // exact-keys: names of services from the desk's own list.
    var megabytesMost: [String: Double]
    // exact-keys: as above.
    var megabytesBefore: [String: Double]
    /// From the last message sent until nothing was undecided.
    var settledAfterSeconds: Double
    /// From when messages were due until their decision was committed, at the normal rate.
    var normalPerSecond: Double
    var p99Before: Double
    var p99After: Double

    enum CodingKeys: String, CodingKey {
      case seconds, sent, acknowledged, reasons, stored, decided, slices
      case saturationPerSecond = "saturation_per_second"
      case saturationPerSecondAfter = "saturation_per_second_after"
      case offeredPerSecond = "offered_per_second"
      case sentPerSecond = "sent_per_second"
      case refusedOrUnanswered = "refused_or_unanswered"
      case decidedPerSecond = "decided_per_second"
      case shareOfSaturation = "share_of_saturation"
      case clientShare = "client_share"
      case clientShareAtSaturation = "client_share_at_saturation"
      case shareOfSaturationWithoutClient = "share_of_saturation_without_client"
      case megabytesMost = "most_mb"
      case megabytesBefore = "before_mb"
      case settledAfterSeconds = "settled_after_seconds"
      case normalPerSecond = "normal_per_second"
      case p99Before = "due_to_queued_p99_ms_before"
      case p99After = "due_to_queued_p99_ms_after"
    }
  }

  /// A stretch of the overload.
  struct Slice: Sendable, Equatable, Encodable {
    /// Its end, since the first message.
    var seconds: Double
    var decidedPerSecond: Double

    enum CodingKeys: String, CodingKey {
      case seconds
      case decidedPerSecond = "decided_per_second"
    }
  }

  let measurement: BenchMeasurement
  let saturationMessages: Int
  /// The rate at which latencies are compared before and after.
  let normalRate: Double
  let announce: @Sendable (String) -> Void

  func run(for time: Duration) async throws -> Figures {
    _ = try await measurement.saturation(messages: BenchBounds.warmUpMessages)
    announce("as fast as acknowledged")
    let first = try await measurement.saturation(messages: saturationMessages).perSecond
    let long = Int(first * (time / .seconds(BenchBounds.overloadPart)))
    let before = try await asFastAsAcknowledged(messages: max(saturationMessages, long))
    announce("\(Int(normalRate)) messages per second before")
    let normal = try await measurement.latencies(rate: normalRate, for: BenchBounds.normalTime)
    let megabytesBefore = try measurement.processes.residentMegabytes()

    let rate = before.perSecond * BenchBounds.overload
    announce("\(Int(rate)) messages per second for \(Int(time / .seconds(1))) s")
    let traffic = measurement.traffic("overload")
    let floor = try await measurement.store.now()
    let start = ContinuousClock.now
    let meter = try BenchCostMeter(measurement.processes)
    let (counts, megabytesMost) = try await overload(rate, for: time, traffic, since: start)
    let clientShare = try meter.shares().clientShare
    let sent = (ContinuousClock.now - start) / .seconds(1)
    announce("until nothing is undecided")
    let last = ContinuousClock.now
    try await measurement.settle()
    let settled = (ContinuousClock.now - last) / .seconds(1)
    announce("\(Int(normalRate)) messages per second after")
    let normalAfter = try await measurement.latencies(rate: normalRate, for: BenchBounds.normalTime)
    announce("as fast as acknowledged")
    let after = try await asFastAsAcknowledged(messages: max(saturationMessages, long))

    let slices = try await slices(traffic, since: floor)
    // The first slice fills queues, and the last ends with the messages: neither is what the desk does all the time.
    let steady = slices.dropFirst().filter { $0.seconds <= sent }.map(\.decidedPerSecond)
    let decided = BenchReport.median(steady.isEmpty ? slices.map(\.decidedPerSecond) : steady)
    let stored = try await measurement.store.pool.query(
      Self.stored, [floor, traffic.prefix], timeout: BenchBounds.settleTime
    ).first
    return Figures(
      saturationPerSecond: before.perSecond.rounded(), saturationPerSecondAfter: after.perSecond.rounded(),
      offeredPerSecond: rate.rounded(),
      sentPerSecond: (Double(counts.sent) / sent).rounded(), seconds: sent.rounded(), sent: counts.sent,
      acknowledged: counts.acknowledged, refusedOrUnanswered: counts.unacknowledged, reasons: counts.reasons,
      stored: stored?.stored ?? 0, decided: stored?.decided ?? 0, decidedPerSecond: decided.rounded(),
      shareOfSaturation: Self.share(decided, of: [before.perSecond, after.perSecond]),
      clientShare: Self.rounded(clientShare),
      clientShareAtSaturation: Self.rounded((before.cost.clientShare + after.cost.clientShare) / 2),
      shareOfSaturationWithoutClient: Self.share(
        decided / (1 - clientShare), of: [before, after].map { $0.perSecond / (1 - $0.cost.clientShare) }),
      slices: slices,
      megabytesMost: megabytesMost.mapValues { $0.rounded() },
      megabytesBefore: megabytesBefore.mapValues { $0.rounded() },
      settledAfterSeconds: settled, normalPerSecond: normalRate, p99Before: normal.queuedSinceDue.p99,
      p99After: normalAfter.queuedSinceDue.p99)
  }

  private func asFastAsAcknowledged(messages: Int) async throws -> BenchMeasurement.Outcome {
    let load = BenchMeasurement.Load(
      messages: messages, countsLaterWork: false, traffic: measurement.traffic("saturation"))
    return try await measurement.run(load)
  }

  /// Of the mean of some rates.
  private static func share(_ rate: Double, of others: [Double]) -> Double {
    rounded(rate * Double(others.count) / others.reduce(0, +))
  }

  private static func rounded(_ share: Double) -> Double { (share * 1000).rounded() / 1000 }

  /// Sends all messages, and meanwhile samples memory.
  // exact-keys: names of services from the desk's own list.
  private func overload(
    _ rate: Double, for time: Duration, _ traffic: SampleTraffic, since start: ContinuousClock.Instant
  ) async throws -> (SendTally.Counts, [String: Double]) {
    let load = BenchMeasurement.Load(
      messages: Int(rate * (time / .seconds(1))), schedule: ArrivalSchedule(messagesPerSecond: rate),
      connections: LoadBounds.connections, traffic: traffic)
    async let counts = measurement.sendOnce(load, since: start, until: start + time)
    // exact-keys: as above.
    var most: [String: Double] = [:]
    while ContinuousClock.now < start + time {
      try await Task.sleep(for: min(BenchBounds.overloadSlice, start + time - ContinuousClock.now))
      most.merge(try measurement.processes.residentMegabytes(), uniquingKeysWith: max)
    }
    return (try await counts, most)
  }

  private func slices(_ traffic: SampleTraffic, since floor: Instant) async throws -> [Slice] {
    let seconds = BenchBounds.overloadSlice / .seconds(1)
    let rows = try await measurement.store.pool.query(
      Self.decidedBySlice, [floor, traffic.prefix, seconds], timeout: BenchBounds.settleTime)
    return rows.map {
      Slice(seconds: Double($0.slice + 1) * seconds, decidedPerSecond: (Double($0.decided) / seconds).rounded())
    }
  }

  private static let decidedBySlice = PostgresStatement(
    "bench_decided_by_slice",
    """
    SELECT floor(extract(epoch FROM e.at - $1) / $3::double precision)::bigint AS slice, count(*)
      FROM desk.message_key k
      JOIN desk.message m ON m.id = k.message_id
      JOIN desk.ticket_event e ON e.ticket_id = m.ticket_id AND e.detail->>'message' = m.id::text
     WHERE k.message_id >= desk.uuid_floor($1) AND starts_with(k.external_id, $2)
     GROUP BY slice ORDER BY slice
    """
  ) { row in
    try (slice: row.next(Int64.self), decided: row.next(Int64.self))
  }

  private static let stored = PostgresStatement(
    "bench_stored",
    """
    SELECT count(*), count(e.found)
      FROM desk.message_key k
      JOIN desk.message m ON m.id = k.message_id
      LEFT JOIN LATERAL (
        SELECT true AS found FROM desk.ticket_event e
         WHERE e.ticket_id = m.ticket_id AND e.detail->>'message' = m.id::text LIMIT 1) e ON true
     WHERE k.message_id >= desk.uuid_floor($1) AND starts_with(k.external_id, $2)
    """
  ) { row in
    try (stored: row.next(Int64.self), decided: row.next(Int64.self))
  }
}

// MARK: - For people

extension BenchOverload.Figures {
  var text: String {
    var lines = [
      "saturation    \(Int(saturationPerSecond))/s before, \(Int(saturationPerSecondAfter))/s after",
      "offered       \(Int(offeredPerSecond))/s for \(Int(seconds)) s; the client sent \(Int(sentPerSecond))/s",
      "decided       \(Int(decidedPerSecond))/s, \(String(format: "%.2f", shareOfSaturation)) of saturation; "
        + "\(String(format: "%.2f", shareOfSaturationWithoutClient)) of it per processor time that the client left",
      "client        \(Int(clientShare * 100)) % of the processors, \(Int(clientShareAtSaturation * 100)) % at saturation",
      "messages      \(sent) sent, \(acknowledged) acknowledged, \(refusedOrUnanswered) refused or not answered; \(stored) stored, "
        + "\(decided) of them decided",
      "back          nothing undecided after \(RoundedTime.seconds(settledAfterSeconds)); at \(Int(normalPerSecond))/s p99 "
        + "\(RoundedTime.milliseconds(p99Before)) before and \(RoundedTime.milliseconds(p99After)) after",
    ]
    lines += reasons.sorted { $0.key < $1.key }.map { "answers       \($0.value) × \($0.key)" }
    var memory = TextTable([("service", .left), ("MB before", .right), ("at most", .right)])
    for service in megabytesMost.keys.sorted() {
      memory.add([service, "\(Int(megabytesBefore[service] ?? 0))", "\(Int(megabytesMost[service] ?? 0))"])
    }
    var rates = TextTable([("until", .right), ("decided", .right)])
    for slice in slices { rates.add(["\(Int(slice.seconds)) s", "\(Int(slice.decidedPerSecond))/s"]) }
    return lines.map { "  \($0)\n" }.joined() + "\n\(memory.text)\n\n\(rates.text)"
  }
}
