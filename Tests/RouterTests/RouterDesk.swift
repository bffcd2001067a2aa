import DeskCore
import Foundation
import Logging
import PostgreSQL
import ServiceKit
import Store
import TestPostgres
import Testing

@testable import Router

/// A migrated database for one test, with a small policy in force and the router's parts on it.
struct RouterDesk {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let metrics = RouterMetrics(MetricsRegistry())
  let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

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
    let configuration = DeskStore.configure(try await PrivatePostgres.shared().createDatabase())
    let pool = PostgresPool(configuration, limits: PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: 4))
    do {
      _ = try await PostgresMigrator(DeskMigrations.all).migrate(pool)
      let store = DeskStore(pool: pool)
      _ = try await store.access.applyPolicy(document: text, by: "test")
      let policy = PolicyFollower(store: store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      try await policy.look()
      try #require(policy.current != nil, "the policy above has a mistake")
      let desk = RouterDesk(store: store, clock: DatabaseClock(try await store.now()), policy: policy)
      if let policy = policy.current { try await store.matching.adoptAgents(of: policy) }
      try await body(desk)
    } catch {
      await pool.shutdown()
      throw error
    }
    await pool.shutdown()
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
    let outcome = try await store.inbox.accept(
      [
        IncomingMessage(
          id: fresh(), ticket: fresh(), channel: "web", customer: customer, externalID: externalID,
          digest: Array(repeating: 7, count: 32), subject: nil, body: "words", attributes: nil, attachments: nil,
          sentAt: nil, traceparent: nil)
      ], owner: nil
    ).first
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
