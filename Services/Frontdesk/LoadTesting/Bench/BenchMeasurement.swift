import CommandLineTool
import DeskCore
import DeskReporting
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
    var acknowledged: Percentiles
    var queued: Percentiles
  }

  let store: DeskStore
  let local: LocalDesk
  let samples: [String]

  /// Returns new messages, each from a different customer, so that each opens a ticket.
  func traffic(_ name: String) -> SampleTraffic {
    SampleTraffic(
      samples: samples, channels: local.keys.channels(), prefix: "\(name)-\(UInt64.random(in: 0..<1 << 40))-")
  }

  /// Measures accepted-to-queued messages per second: from the first request until nothing is undecided.
  func saturation(messages: Int) async throws -> Double {
    let start = ContinuousClock.now
    _ = try await send(
      messages, ArrivalSchedule(messagesPerSecond: nil), batch: BenchBounds.saturationBatch,
      connections: BenchBounds.saturationConnections)
    try await settle()
    return Double(messages) / ((ContinuousClock.now - start) / .seconds(1))
  }

  /// Measures acknowledged messages per second, regardless of later processing.
  func acceptance(messages: Int) async throws -> Double {
    let start = ContinuousClock.now
    _ = try await send(
      messages, ArrivalSchedule(messagesPerSecond: nil), batch: BenchBounds.saturationBatch,
      connections: BenchBounds.saturationConnections)
    return Double(messages) / ((ContinuousClock.now - start) / .seconds(1))
  }

  /// Measures latencies at a rate that is held regardless of the answers.
  func latencies(rate: Double, for time: Duration) async throws -> Latencies {
    let beginning = try await store.now()
    let start = ContinuousClock.now
    let messages = Int(rate * (time / .seconds(1)))
    let batch = max(1, Int((rate / BenchBounds.requestsPerSecond).rounded(.up)))
    let counts = try await send(
      messages, ArrivalSchedule(messagesPerSecond: rate), batch: batch, connections: BenchBounds.rateConnections)
    try await settle()
    let taken = (ContinuousClock.now - start) / .seconds(1)
    var queued = LatencyRecord()
    for time in try await store.audit.timesToQueue(since: beginning, limit: messages * 2) {
      queued.record(microseconds: time)
    }
    return Latencies(
      decidedPerSecond: Double(messages) / taken, acknowledged: Percentiles(counts.latency), queued: Percentiles(queued)
    )
  }

  private func send(
    _ messages: Int, _ schedule: ArrivalSchedule, batch: Int, connections: Int
  ) async throws -> SendTally.Counts {
    let traffic = traffic("bench")
    let way = try ZeroMQTransport(
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

  /// Waits until nothing is undecided.
  func settle() async throws {
    let deadline = ContinuousClock.now + BenchBounds.settleTime
    while try await store.reports.inboxFigures().waiting > 0 {
      guard ContinuousClock.now < deadline else {
        throw CommandFailure("messages were still undecided \(BenchBounds.settleTime) after the last acknowledgement")
      }
      try await Task.sleep(for: BenchBounds.settleInterval)
    }
  }
}
