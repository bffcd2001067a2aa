import DeskCore
import Logging
import Observability
import ServiceProcess
import Store
import SystemPrimitives
import TestService
import TestStore
import Testing

@testable import Router

/// A migrated database for one test, with a small policy in force and the router's parts on it.
struct RouterDesk {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let metrics = RouterMetrics(MetricsRegistry())
  let logger = Logger.silent

  static let policyText = """
    version: 1
    teams: {desk: {}}
    skills: {billing: {}}
    agents:
      - {id: ann, teams: [desk], skills: {billing: 5}, capacity: 2}
      - {id: bob, teams: [desk], capacity: 1}
    queues:
      general: {teams: [desk], offer_time: 30s}
      billing: {teams: [desk], skills: {billing: 3}, offer_time: 30s}
      triage: {teams: [desk], offer_time: 30s}
    rules:
      - {name: money, when: {category: billing}, queue: billing, priority: high}
    default_queue: general
    triage: {queue: triage, below: 0.3}
    service_levels:
      - {name: all, first_response: {urgent: 5m, high: 10m, normal: 1h, low: 1d}}
    channels:
      web: {}
    """

  static func with(
    policy text: String = policyText, _ body: (RouterDesk) async throws -> Void
  ) async throws {
    try await TestDatabase.with { store in
      _ = try await store.access.applyPolicy(document: text, by: "test")
      let policy = PolicyFollower(store: store, logger: .silent)
      try await policy.look()
      try await store.matching.adoptAgents(of: #require(policy.current, "the policy above has a mistake"))
      try await body(RouterDesk(store: store, clock: try await DatabaseClock(asking: store), policy: policy))
    }
  }

  var decisions: DecisionMaker {
    DecisionMaker(store: store, clock: clock, policy: policy, metrics: metrics, logger: logger, wake: { _ in })
  }

  func fresh<Subject>(_ subject: Subject.Type = Subject.self) -> Identifier<Subject> {
    var random = SystemRandom()
    return Identifier(at: clock.now(), using: &random)
  }

  /// Accepts one message of a customer, as intake would.
  func accept(_ externalID: String, from customer: String) async throws -> Acceptance? {
    let message = IncomingMessage.sample(
      id: fresh(), ticket: fresh(), from: customer, externalID: externalID, digest: 7)
    let outcome = try await store.inbox.accept([message], owner: nil).first
    guard case .accepted(let acceptance)? = outcome else { return nil }
    return acceptance
  }

  /// The item that a classifier would pass on.
  func item(
    _ acceptance: Acceptance, from customer: String, category: String = "billing", confidence: Double = 0.9,
    traceparent: String? = nil, text: String = "words", sentiment: Sentiment = .neutral
  ) -> UndecidedItem {
    UndecidedItem(
      id: acceptance.message, ticket: acceptance.ticket, channel: "web", customer: customer, tier: acceptance.tier,
      text: text, acceptedAt: acceptance.acceptedAt, opensTicket: acceptance.opensTicket, traceparent: traceparent,
      labels: Labels(
        category: category, intent: category, confidence: confidence, urgency: .normal, sentiment: sentiment,
        language: "en", modelVersion: "test"))
  }
}
