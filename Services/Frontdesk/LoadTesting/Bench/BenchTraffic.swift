import CommandLineTool
import DeskCore
import Foundation
import Store

/// What messages of different kinds cost, each alone and as fast as they are acknowledged; and what a reply of an agent costs.
struct BenchTraffic: Sendable {
  /// A kind of traffic.
  enum Kind: String, CaseIterable, Sendable {
    /// Each message from another customer, as in all other measurements.
    case fresh
    case chinese
    case english
    /// Most messages join the open ticket of their customer.
    case returning
    /// With attributes, one of which routing looks at.
    case attributes
    /// Each event is delivered to a web hook.
    case hooks
    /// Tickets that agents take, answer and resolve; of tickets and not of messages.
    case replies
  }

  /// What a kind costs.
  struct Figures: Sendable, Equatable, Encodable {
    var kind: String
    var perSecond: Double
    var processorMicrosecondsPerMessage: Double
    @OrNull var busyShare: Double?

    enum CodingKeys: String, CodingKey {
      case kind
      case perSecond = "per_second"
      case processorMicrosecondsPerMessage = "processor_us_per_message"
      case busyShare = "busy_share"
    }
  }

  let measurement: BenchMeasurement
  let messages: Int
  /// How long agents work.
  let agentsTime: Duration
  let announce: @Sendable (String) -> Void

  /// Measures all kinds; those that the desk has no samples or agents for are missing.
  func run() async throws -> [Figures] {
    var figures: [Figures] = []
    for kind in Kind.allCases {
      announce("traffic: \(kind.rawValue)")
      switch kind {
      case .replies: figures += try await replies().map { [$0] } ?? []
      case .hooks: figures += try await withHook { try await figure(kind) } ?? []
      default: figures += try await figure(kind)
      }
    }
    return figures
  }

  private func figure(_ kind: Kind) async throws -> [Figures] {
    guard let traffic = traffic(kind) else { return [] }
    let outcome = try await measurement.run(BenchMeasurement.Load(messages: messages, traffic: traffic))
    return [
      Figures(
        kind: kind.rawValue, perSecond: outcome.perSecond.rounded(),
        processorMicrosecondsPerMessage: outcome.cost.microseconds.rounded(),
        busyShare: BenchReport.share([outcome.cost.busyShare]))
    ]
  }

  /// Returns the messages of a kind; nil where there is no sample.
  func traffic(_ kind: Kind) -> SampleTraffic? {
    let samples = measurement.samples.filter { text in
      switch kind {
      case .chinese: SampleTraffic.isChinese(text)
      case .english: !SampleTraffic.isChinese(text)
      default: true
      }
    }
    guard !samples.isEmpty else { return nil }
    let returns = kind == .returning
    var traffic = SampleTraffic(
      samples: samples, channels: measurement.local.keys.channels(),
      prefix: "\(kind.rawValue)-\(UInt64.random(in: 0..<1 << 40))-",
      messagesPerCustomer: returns ? BenchBounds.messagesOfReturning : 1,
      returnAfter: returns ? BenchBounds.returnAfter : 1)
    if kind == .attributes {
      traffic.attributes = ["product_line": "home", "order": "A-1048576", "app_version": "7.4.1", "city": "上海"]
    }
    return traffic
  }

  // MARK: - Hooks

  /// Runs `body` with a web hook for everything in the policy; nil where the policy has hooks of its own.
  private func withHook<Result>(_ body: () async throws -> Result) async throws -> Result? {
    guard measurement.isPrivate, let stored = try await measurement.store.access.newestPolicy() else { return nil }
    let hook = try await HookEndpoint()
    guard let document = hook.entered(into: stored.document) else {
      await hook.end()
      return nil
    }
    let result: Swift.Result<Result, any Error>
    do {
      try await apply(document)
      result = .success(try await body())
    } catch {
      result = .failure(error)
    }
    // What follows would be measured with the hook.
    let restored: Swift.Result<Void, any Error>
    do {
      restored = .success(try await apply(stored.document))
    } catch {
      restored = .failure(error)
    }
    await hook.end()
    let measured = try result.get()
    try restored.get()
    return measured
  }

  /// Services follow the policy within a moment.
  private func apply(_ document: String) async throws {
    _ = try await measurement.store.access.applyPolicy(document: document, by: "bench")
    try await Task.sleep(for: BenchBounds.policyTime)
  }

  // MARK: - Replies

  /// Agents without a handling time work on the tickets that wait.
  private func replies() async throws -> Figures? {
    let names = Array(measurement.local.keys.agents().prefix(BenchBounds.offerAgents))
    guard !names.isEmpty else { return nil }
    let crew = try AgentCrew(
      names, of: measurement.local, behaviour: AgentBehaviour(handleTime: .zero, acceptShare: 1, awaitShare: 0), seed: 1
    )
    return try await crew.work { tally in
      let deadline = ContinuousClock.now + BenchBounds.settleTime
      while tally.counts.present < names.count, ContinuousClock.now < deadline {
        try await Task.sleep(for: BenchBounds.settleInterval)
      }
      let meter = try BenchCostMeter(measurement.processes)
      let (before, begin) = (tally.counts.replied, ContinuousClock.now)
      try await Task.sleep(for: agentsTime)
      let replied = Double(tally.counts.replied - before)
      let time = (ContinuousClock.now - begin) / .seconds(1)
      guard replied > 0 else { return nil }
      return Figures(
        kind: Kind.replies.rawValue, perSecond: (replied / time).rounded(),
        processorMicrosecondsPerMessage: (try meter.seconds().values.reduce(0, +) * 1e6 / replied).rounded(),
        busyShare: BenchReport.share([try meter.shares().busyShare]))
    }
  }
}
