import DeskCore
import Store

/// Measures a running desk from outside: messages go in over ZeroMQ, and the database says when they were decided.
struct BenchMeasurement: Sendable {
  /// How long answers and decisions took at a steady rate, in milliseconds.
  struct Latencies: Sendable, Equatable {
    var acknowledgedP50: Double
    var acknowledgedP99: Double
    var queuedP50: Double
    var queuedP99: Double
  }

  let store: DeskStore
  let local: LocalDesk
  let samples: [String]

  /// Messages nobody has sent before, each of a customer of its own, so that each opens a ticket.
  func traffic(_ name: String) -> SampleTraffic {
    SampleTraffic(
      samples: samples, channels: local.keys.channels(), prefix: "\(name)-\(UInt64.random(in: 0..<1 << 40))-")
  }

  /// Accepted-to-queued messages a second: from the first request until nothing is undecided.
  func saturation(messages: Int) async throws -> Double {
    let start = ContinuousClock.now
    _ = try await send(
      messages, ArrivalSchedule(messagesPerSecond: nil), batch: BenchBounds.saturationBatch,
      connections: BenchBounds.saturationConnections)
    try await settle()
    return Double(messages) / ((ContinuousClock.now - start) / .seconds(1))
  }

  /// Latencies at a rate that is held whatever the answers do.
  func latencies(rate: Double, for time: Duration) async throws -> Latencies {
    let beginning = try await store.now()
    let messages = Int(rate * (time / .seconds(1)))
    let batch = max(1, Int((rate / BenchBounds.requestsPerSecond).rounded(.up)))
    let counts = try await send(
      messages, ArrivalSchedule(messagesPerSecond: rate), batch: batch, connections: BenchBounds.rateConnections)
    try await settle()
    var queued = LatencyRecord()
    for time in try await store.timesToQueue(since: beginning, limit: messages * 2) {
      queued.record(microseconds: time)
    }
    return Latencies(
      acknowledgedP50: counts.latency.milliseconds(atPercent: 50) ?? 0,
      acknowledgedP99: counts.latency.milliseconds(atPercent: 99) ?? 0,
      queuedP50: queued.milliseconds(atPercent: 50) ?? 0, queuedP99: queued.milliseconds(atPercent: 99) ?? 0)
  }

  private func send(
    _ messages: Int, _ schedule: ArrivalSchedule, batch: Int, connections: Int
  ) async throws -> SendTally.Counts {
    let traffic = traffic("bench")
    let way = try ZeroMQWay(
      endpoint: local.channelEndpoint, serverKey: local.channelServerKey, keys: local.keys, form: .protobuf)
    let tally = SendTally()
    let run = SendRun(
      line: MessageLine(count: messages, batchLimit: batch, schedule: schedule) { traffic.message($0) },
      schedule: schedule, choice: .zeromq, http: nil, zeroMQ: way, connections: connections,
      giveUpAfter: BenchBounds.settleTime, log: nil, tally: tally)
    do {
      try await run.run()
    } catch {
      await way.close()
      throw error
    }
    await way.close()
    let counts = tally.counts
    guard counts.acknowledged == messages else {
      throw CommandFailure(
        "\(messages - counts.acknowledged) of \(messages) messages stayed unacknowledged: "
          + counts.leadingReasons.map(\.reason).joined(separator: ", "))
    }
    return counts
  }

  private func settle() async throws {
    let deadline = ContinuousClock.now + BenchBounds.settleTime
    while try await store.inboxFigures().waiting > 0 {
      guard ContinuousClock.now < deadline else {
        throw CommandFailure("messages were still undecided \(BenchBounds.settleTime) after the last acknowledgement")
      }
      try await Task.sleep(for: BenchBounds.settleInterval)
    }
  }
}
