import DeskCore
import Foundation
import PostgreSQL
import Store
import TestKit
import TestStore
import Testing

@testable import CommandLineTool

@Suite("Applying a policy with open tickets")
struct ApplyTests {
  private static let text = """
    version: 1
    calendars:
      office: { time_zone: UTC, week: { monday..friday: ["09:00-17:00"] } }
    agents: [{ id: ann, capacity: 4 }]
    queues: { general: {}, returns: {} }
    rules: [{ name: rest, queue: returns }]
    default_queue: general
    triage: { queue: general, below: 0.1 }
    service_levels:
      - { name: complaints, calendar: office, first_response: 8h, resolution: 160h }
    channels: { web: {} }
    """

  private func file(_ text: String) throws -> PolicyFile {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("policy.yaml")
    try Data(text.utf8).write(to: URL(filePath: path))
    return try PolicyFile(path: path)
  }

  /// A desk whose policy is in force, with tickets of two customers.
  private func withDesk(_ body: (DeskStore) async throws -> Void) async throws {
    try await TestDatabase.with(connections: 2, hasPartitions: true) { store in
      let first = try file(Self.text)
      // Nothing is open yet, so no confirmation is needed.
      #expect(try await first.apply(to: store, consent: .impossible) { _ in } == 1)
      for customer in ["cara", "carl"] { try await open(customer, in: store, under: first.policy) }
      try await body(store)
    }
  }

  private func open(_ customer: String, in store: DeskStore, under policy: Policy) async throws {
    let accepted = try await store.accept(store.message(from: customer, externalID: customer))
    let ticket = try await store.ticket(of: accepted)
    var decision = policy.decide(
      RoutingFacts(
        channel: "web", tier: .standard, labels: .of(category: "c"), text: "words", openedAt: ticket.openedAt))
    decision.message = accepted.message
    try await store.take(ticket, .routed(decision), under: policy, decides: [accepted.message])
  }

  private static let renamed = text.replacing("name: complaints", with: "name: care")
    .replacing("queues: { general: {}, returns: {} }", with: "queues: { general: {} }")
    .replacing("queue: returns", with: "queue: general")

  @Test("Without a terminal nothing is applied, and the command exits with 2")
  func refuses() async throws {
    try await withDesk { store in
      let policy = try file(Self.renamed)
      await #expect {
        _ = try await policy.apply(to: store, consent: .impossible) { _ in }
      } throws: { error in
        guard let failure = error as? CommandFailure else { return false }
        return failure.status == .wrongCall && failure.problem.contains("nothing was applied")
          && failure.problem.contains(
            "2 open tickets: service level “complaints” is removed, and “care” has the same targets; they keep its targets"
          )
          && failure.problem.contains("2 open tickets: queue returns is removed; 2 waiting move to general")
          && failure.remedy == "read the changes, then run it again with --yes"
      }
      #expect(try await store.access.newestPolicyVersion() == 1)
    }
  }

  @Test("The user may decline or confirm, and --yes confirms in advance")
  func asks() async throws {
    try await withDesk { store in
      let policy = try file(Self.renamed)
      #expect(try await policy.apply(to: store, consent: .asked { _ in false }) { _ in } == nil)
      #expect(try await store.access.newestPolicyVersion() == 1)
      var said: [String] = []
      #expect(
        try await policy.apply(to: store, consent: .asked { $0 == "put it into force?" }) { said.append($0) } == 2)
      #expect(said.count == 1 && said[0].contains("complaints"))
      // Applied again it changes nothing, and no confirmation is needed.
      #expect(try await policy.apply(to: store, consent: .impossible) { _ in } == 2)
      // Earlier removals are tracked, so removing nothing further is no change.
      let comment = try file(Self.renamed + "\n# a remark")
      #expect(try await comment.apply(to: store, consent: .impossible) { _ in } == 3)
      let back = try file(Self.text.replacing("09:00-17:00", with: "12:00-13:00"))
      #expect(try await back.apply(to: store, consent: .given) { said.append($0) } == 4)
      #expect(
        said.last?.contains("2 open tickets: service level “complaints” counts in different hours; first response due")
          == true)
    }
  }
}
