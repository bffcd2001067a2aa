import CommandLineTool
import Curl
import DeskCore
import DeskReporting
import DeskSupervisor
import Foundation
import Store

/// Measures how throughput grows with the number of routers, how soon a new router takes work, and that scaling in loses nothing.
struct ScalingRun: Sendable {
  let desk: RehearsalDesk
  let samples: [String]
  /// The numbers of routers to compare, ascending; the first one is the unit.
  let counts: [Int]
  let measuredTime: Duration
  let announce: @Sendable (String) -> Void

  func report() async throws -> ScalingReport {
    try await scale(to: counts[0])
    announce("estimating the throughput of \(counts[0]) router")
    let estimate = try await throughput(of: RehearsalBounds.probeMessages)
    var points: [ScalingReport.Point] = []
    for count in counts {
      try await scale(to: count)
      announce("\(count) routers")
      let rate = estimate * Double(count) / Double(counts[0]) * RehearsalBounds.pressure
      points.append(
        ScalingReport.Point(
          routers: count, perSecond: try await throughput(of: messages(for: measuredTime, rate), rate)))
    }
    announce("a new router under load")
    try await scale(to: counts[0])
    let firstWork = try await firstWork(at: estimate * RehearsalBounds.startPressure)
    announce("scaling in under load")
    try await scaleInUnderLoad(messages: messages(for: measuredTime, estimate * RehearsalBounds.startPressure))
    return ScalingReport(points: points, firstWorkSeconds: firstWork, ledger: try await desk.verdict())
  }

  private func messages(for time: Duration, _ rate: Double) -> Int { max(1, Int(time / .seconds(1) * rate)) }

  /// Sends new messages, each of another customer.
  /// - Parameter rate: messages per second; nil for as fast as they are acknowledged.
  private func send(_ count: Int, at rate: Double? = nil) async throws {
    let traffic = SampleTraffic(
      samples: samples, channels: desk.local.keys.channels(), prefix: "scale-\(UInt64.random(in: 0..<1 << 40))-")
    try await desk.send(count, at: ArrivalSchedule(messagesPerSecond: rate)) { traffic.message($0) }
  }

  private func scale(to count: Int) async throws {
    let reached = try await Scaling(socket: desk.local.controlSocket, service: .router, count: count).run(choosing: {
      try await choose(count)
    })
    guard reached.isReached else { throw CommandFailure("\(count) routers did not become ready: \(reached.summary)") }
  }

  private func choose(_ count: Int) async throws {
    try await desk.store.capacity.choose(ServiceKind.router.rawValue, count, by: "rehearsal")
  }

  /// Messages per second, from the first request until nothing is undecided.
  private func throughput(of messages: Int, _ rate: Double? = nil) async throws -> Double {
    let start = ContinuousClock.now
    try await send(messages, at: rate)
    try await desk.settle()
    return Double(messages) / ((ContinuousClock.now - start) / .seconds(1))
  }

  /// Seconds from the start of a new router's process to its first decision, while more messages come than one router carries.
  private func firstWork(at rate: Double) async throws -> Double {
    let known = Set(try desk.routers().compactMap(\.processID))
    let client = try HTTPClient()
    do {
      async let traffic: Void = send(messages(for: RehearsalBounds.startTime, rate), at: rate)
      try await choose(counts[0] + 1)
      let seconds = try await firstDecision(ofAnyBut: known, client)
      await client.shutDown()
      try await traffic
      try await desk.settle()
      return seconds
    } catch {
      await client.shutDown()
      throw error
    }
  }

  private func firstDecision(ofAnyBut known: Set<Int32>, _ client: HTTPClient) async throws -> Double {
    let deadline = ContinuousClock.now + RehearsalBounds.firstWork
    while ContinuousClock.now < deadline {
      let fresh = try desk.routers().first { $0.processID.map { !known.contains($0) } ?? false }
      if let process = fresh?.processID, let url = fresh?.operationsURL,
        let answer = try? await client.send(.init(url: url + "/metrics", timeout: .seconds(1))),
        let metrics = String(validating: answer.body, as: UTF8.self), Self.decisions(in: metrics) > 0,
        let seconds = ProcessorClock.secondsSinceStart(of: process)
      {
        return seconds
      }
      try await Task.sleep(for: RehearsalBounds.firstWorkInterval)
    }
    throw CommandFailure("a new router took no work within \(RehearsalBounds.firstWork.text)")
  }

  /// The number of decisions in a router's metrics.
  static func decisions(in metrics: String) -> Int {
    let name = "frontdesk_router_accept_to_decision_seconds_count"
    return metrics.split(separator: "\n").filter { $0.hasPrefix(name) }.compactMap {
      $0.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) }
    }.reduce(0, +)
  }

  /// Goes from many routers to one while messages wait, twice.
  private func scaleInUnderLoad(messages: Int) async throws {
    for _ in 0..<2 {
      try await scale(to: counts.last ?? 1)
      try await send(messages)
      try await scale(to: counts[0])
      try await desk.settle()
    }
  }
}
