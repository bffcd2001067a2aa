import CommandLineTool
import DeskCore
import DeskReporting
import Foundation
import PostgreSQL
import Store

/// Measures a running desk from outside: messages are sent over ZeroMQ, and the database records when they were decided.
struct BenchMeasurement: Sendable {
  /// Three percentiles of a latency distribution, in milliseconds.
  struct Percentiles: Sendable, Equatable {
    var p50: Double
    var p99: Double
    var p999: Double

    init(p50: Double, p99: Double, p999: Double) {
      self.p50 = p50
      self.p99 = p99
      self.p999 = p999
    }

    init(_ record: LatencyRecord) {
      p50 = record.milliseconds(atPercent: 50) ?? 0
      p99 = record.milliseconds(atPercent: 99) ?? 0
      p999 = record.milliseconds(atPercent: 99.9) ?? 0
    }
  }

  /// The latencies of answers and decisions at a steady rate.
  struct Latencies: Sendable, Equatable {
    var decidedPerSecond: Double
    /// From when a message was due to its acknowledgement.
    var acknowledged: Percentiles
    /// From the commit of a message to the commit of its decision.
    var queued: Percentiles
    /// From when a message was due to the commit of its decision.
    var queuedSinceDue = Percentiles(LatencyRecord())
    var cost = BenchCost()
    /// Messages whose decisions were committed together, on average.
    var messagesPerCommit = 0.0
    /// The same rows from bare loops that write as many together; nil where that was not measured.
    var rows: RawLimit.Figures?
  }

  /// What is sent.
  struct Load: Sendable {
    var messages: Int
    var schedule = ArrivalSchedule(messagesPerSecond: nil)
    /// The maximum messages of a request.
    var batch = BenchBounds.saturationBatch
    /// Concurrent requests.
    var connections = BenchBounds.saturationConnections
    /// Whether the work that follows messages is waited for and counted; else its processor time is not known.
    var countsLaterWork = true
    var traffic: SampleTraffic

    /// Requests in their order.
    func line() -> MessageLine {
      let traffic = traffic
      return MessageLine(count: messages, batchLimit: batch, schedule: schedule) { traffic.message($0) }
    }
  }

  /// A load that has been sent and decided.
  struct Outcome: Sendable {
    /// Accepted to queued: from the first request to the commit of the last decision.
    var perSecond: Double
    var cost: BenchCost
    var acknowledged: LatencyRecord
    /// The time zero of the schedule, by the wall clock.
    var beginning: Instant
    var times: [BenchCommitTimes.Times]
  }

  let store: DeskStore
  let local: LocalDesk
  let processes: BenchProcesses
  let samples: [String]
  /// Whether the desk is the benchmark's own.
  let isPrivate: Bool

  /// Returns new messages, each from a different customer, so that each opens a ticket.
  func traffic(_ name: String) -> SampleTraffic {
    SampleTraffic(
      samples: samples, channels: local.keys.channels(), prefix: "\(name)-\(UInt64.random(in: 0..<1 << 40))-")
  }

  /// Sends as fast as messages are acknowledged.
  func saturation(messages: Int) async throws -> Outcome {
    try await run(Load(messages: messages, traffic: traffic("bench")))
  }

  /// Measures acknowledged messages per second, regardless of later processing.
  func acceptance(messages: Int) async throws -> Double {
    let start = ContinuousClock.now
    _ = try await send(Load(messages: messages, traffic: traffic("bench")), since: start)
    return Double(messages) / ((ContinuousClock.now - start) / .seconds(1))
  }

  /// Measures latencies at a rate that is held regardless of the answers.
  func latencies(rate: Double, for time: Duration) async throws -> Latencies {
    let load = Load(
      messages: Int(rate * (time / .seconds(1))), schedule: ArrivalSchedule(messagesPerSecond: rate),
      batch: max(1, Int((rate / BenchBounds.requestsPerSecond).rounded(.up))),
      connections: BenchBounds.rateConnections, traffic: traffic("bench"))
    let outcome = try await run(load)
    let (sinceDue, sinceAccepted) = try await Self.latencies(outcome, of: load)
    return Latencies(
      decidedPerSecond: outcome.perSecond, acknowledged: Percentiles(outcome.acknowledged),
      queued: Percentiles(sinceAccepted), queuedSinceDue: Percentiles(sinceDue), cost: outcome.cost,
      messagesPerCommit: Double(outcome.times.count) / Double(max(1, Set(outcome.times.map(\.decided)).count)))
  }

  /// Returns the latencies of decisions: since the messages were due, and since they were accepted.
  static func latencies(_ outcome: Outcome, of load: Load) async throws -> (
    sinceDue: LatencyRecord, sinceAccepted: LatencyRecord
  ) {
    // The line gives the same requests in the same order again. exact-keys: our own identifiers.
    var dueAt: [String: Int64] = [:]
    let line = load.line()
    while let request = try await line.next() {
      let due = outcome.beginning.microseconds + Int64((request.due ?? .zero) / .microseconds(1))
      for message in request.messages { dueAt[message.id] = due }
    }
    var sinceDue = LatencyRecord()
    var sinceAccepted = LatencyRecord()
    for time in outcome.times {
      if let due = dueAt[time.externalID] { sinceDue.record(microseconds: time.decided.microseconds - due) }
      sinceAccepted.record(microseconds: time.decided.microseconds - time.accepted.microseconds)
    }
    return (sinceDue, sinceAccepted)
  }

  /// Sends a load, waits until it is decided, and measures all of it: with the work that follows later.
  func run(_ load: Load) async throws -> Outcome {
    let floor = try await store.now()
    let meter = try BenchCostMeter(processes)
    let start = ContinuousClock.now
    let beginning = Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
    let counts = try await send(load, since: start)
    try await settle()
    let settled = ContinuousClock.now - start
    var cost = try meter.shares()
    if load.countsLaterWork {
      var seconds = try meter.seconds()
      for later in [try await workThatFollows(), try await vacuum()] {
        seconds.merge(later) { $0 + $1 }
        cost.microsecondsLater += later.values.reduce(0, +) * 1e6 / Double(load.messages)
      }
      cost.microsecondsByService = seconds.mapValues { $0 * 1e6 / Double(load.messages) }
    }
    let times = try await BenchCommitTimes(store: store).times(
      of: load.traffic.prefix, since: floor, limit: load.messages * 2)
    let last = times.map(\.decided.microseconds).max().map { Double($0 - beginning.microseconds) / 1e6 }
    return Outcome(
      perSecond: Double(load.messages) / (last ?? settled / .seconds(1)), cost: cost, acknowledged: counts.latency,
      beginning: beginning, times: times)
  }

  private func send(_ load: Load, since start: ContinuousClock.Instant) async throws -> SendTally.Counts {
    let counts = try await counts(of: load, since: start, giveUpAfter: BenchBounds.settleTime)
    guard counts.acknowledged == load.messages else {
      throw CommandFailure(
        "\(load.messages - counts.acknowledged) of \(load.messages) messages stayed unacknowledged: "
          + counts.leadingReasons.map(\.reason).joined(separator: ", "))
    }
    return counts
  }

  /// Sends each message once, whatever the answer, and none after `end`.
  func sendOnce(
    _ load: Load, since start: ContinuousClock.Instant, until end: ContinuousClock.Instant
  ) async throws -> SendTally.Counts {
    try await counts(of: load, since: start, until: end, giveUpAfter: .zero)
  }

  private func counts(
    of load: Load, since start: ContinuousClock.Instant, until end: ContinuousClock.Instant? = nil,
    giveUpAfter: Duration
  ) async throws -> SendTally.Counts {
    let way = try ZeroMQTransport(
      endpoint: local.channelEndpoint, serverKey: local.channelServerKey, keys: local.keys, form: .protobuf)
    let tally = SendTally()
    let run = SendRun(
      line: load.line(), schedule: load.schedule, choice: .zeromq, http: nil, zeroMQ: way,
      connections: load.connections, giveUpAfter: giveUpAfter, log: nil, tally: tally, end: end)
    do {
      try await run.run(since: start)
    } catch {
      await way.close()
      throw error
    }
    await way.close()
    return tally.counts
  }
}

// MARK: - Waiting

extension BenchMeasurement {
  /// Waits until nothing is undecided.
  func settle() async throws {
    let deadline = ContinuousClock.now + BenchBounds.settleTime
    while try await BenchCommitTimes(store: store).isUndecided() {
      guard ContinuousClock.now < deadline else {
        throw CommandFailure("messages were still undecided \(BenchBounds.settleTime) after the last acknowledgement")
      }
      try await Task.sleep(for: BenchBounds.settleInterval)
    }
  }

  /// Waits until the search's index has all messages, for a bounded time, and then observes the desk for a while in which nothing is left
  /// to do for them.
  /// - Returns: the processor time of that work in seconds by service, without what the desk needs when idle.
  // exact-keys: names of services from the desk's own list.
  private func workThatFollows() async throws -> [String: Double] {
    let begin = ContinuousClock.now
    let meter = try BenchCostMeter(processes)
    try await Task.sleep(for: BenchBounds.tailAtLeast)
    while try await BenchCommitTimes(store: store).isUnindexed(),
      ContinuousClock.now - begin < BenchBounds.tailAtMost
    {
      try await Task.sleep(for: BenchBounds.settleInterval)
    }
    let seconds = try meter.seconds()
    let time = ContinuousClock.now - begin
    let idle = try BenchCostMeter(processes)
    let idleBegin = ContinuousClock.now
    try await Task.sleep(for: BenchBounds.idleAfterwards)
    let share = time / (ContinuousClock.now - idleBegin)
    return seconds.merging(try idle.seconds()) { max(0, $0 - share * $1) }
  }

  /// Does what autovacuum would do at some time, on a desk of our own: so that it falls on these messages and on no other measurement.
  /// - Returns: its processor time in seconds.
  // exact-keys: as above.
  private func vacuum() async throws -> [String: Double] {
    guard isPrivate else { return [:] }
    let meter = try BenchCostMeter(processes)
    try await store.pool.executeScript(
      "VACUUM desk.inbox, desk.open_ticket, desk.ticket, desk.message_key, desk.message, desk.ticket_event",
      name: "vacuum", timeout: BenchBounds.settleTime)
    return try meter.seconds()
  }
}
