import CommandLineTool
import DeskCore
import DeskReporting
import Foundation
import PostgreSQL
import Store

/// Measures how long messages wait until they are offered to an agent, with enough agents available.
struct BenchOffers: Sendable {
  /// The time from the commit of a message to the commit of its ticket's first offer, in milliseconds.
  struct Figures: Sendable, Equatable, Encodable {
    var agents: Int
    var offeredPerSecond: Double
    /// Tickets that were offered.
    var offers: Int
    var acceptToOfferedP50: Double
    var acceptToOfferedP99: Double
    var acceptToOfferedP999: Double
    /// Of all the machine's processors, 0 to 1: the simulated agents are among what is busy.
    @OrNull var busyShare: Double?

    enum CodingKeys: String, CodingKey {
      case agents, offers
      case busyShare = "busy_share"
      case offeredPerSecond = "offered_per_second"
      case acceptToOfferedP50 = "accept_to_offered_p50_ms"
      case acceptToOfferedP99 = "accept_to_offered_p99_ms"
      case acceptToOfferedP999 = "accept_to_offered_p99_9_ms"
    }
  }

  let measurement: BenchMeasurement

  /// - Returns: nil where the desk has no agents whose keys are available.
  func run(for time: Duration, announce: (String) -> Void) async throws -> Figures? {
    let names = Array(measurement.local.keys.agents().prefix(BenchBounds.offerAgents))
    guard !names.isEmpty else { return nil }
    announce("\(Int(BenchBounds.offerRate)) messages per second with \(names.count) agents")
    // Tickets already waiting would be offered first, so they are set aside.
    try await measurement.store.pool.executeScript(Self.parkWaiting, name: "park", timeout: BenchBounds.settleTime)
    let crew = try AgentCrew(
      names, of: measurement.local, behaviour: AgentBehaviour(handleTime: BenchBounds.offerHandleTime, acceptShare: 1),
      seed: 1)
    return try await crew.work { tally in
      let deadline = ContinuousClock.now + BenchBounds.settleTime
      while tally.counts.present < names.count, ContinuousClock.now < deadline {
        try await Task.sleep(for: BenchBounds.settleInterval)
      }
      let load = BenchMeasurement.Load(
        messages: Int(BenchBounds.offerRate * (time / .seconds(1))),
        schedule: ArrivalSchedule(messagesPerSecond: BenchBounds.offerRate), batch: 1,
        connections: BenchBounds.rateConnections, countsLaterWork: false, traffic: measurement.traffic("offer"))
      let floor = try await measurement.store.now()
      let outcome = try await measurement.run(load)
      let times = try await offerTimes(of: load, since: floor, until: deadline)
      var record = LatencyRecord()
      for time in times { record.record(microseconds: time.decided.microseconds - time.accepted.microseconds) }
      let points = BenchMeasurement.Percentiles(record)
      return Figures(
        agents: names.count, offeredPerSecond: BenchBounds.offerRate, offers: times.count,
        acceptToOfferedP50: points.p50, acceptToOfferedP99: points.p99, acceptToOfferedP999: points.p999,
        busyShare: BenchReport.share([outcome.cost.busyShare]))
    }
  }

  /// Reads offers until all messages are offered or no more are: some are answered without an agent.
  private func offerTimes(
    of load: BenchMeasurement.Load, since floor: Instant, until deadline: ContinuousClock.Instant
  ) async throws -> [BenchCommitTimes.Times] {
    var times: [BenchCommitTimes.Times] = []
    var looksWithoutMore = 0
    while times.count < load.messages, looksWithoutMore < BenchBounds.offerLooks, ContinuousClock.now < deadline {
      try await Task.sleep(for: BenchBounds.offerInterval)
      let newer = try await BenchCommitTimes(store: measurement.store).offerTimes(
        of: load.traffic.prefix, since: floor, limit: load.messages)
      looksWithoutMore = newer.count > times.count ? 0 : looksWithoutMore + 1
      times = newer
    }
    return times
  }

  private static let parkWaiting =
    "UPDATE desk.ticket SET state = 'pending', waiting_queue = NULL, waiting_since = NULL WHERE waiting_queue IS NOT NULL"
}
