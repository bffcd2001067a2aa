import PostgreSQL
import Store
import TestStore
import Testing

@testable import DeskCore

/// A desk on a separate, migrated database, with helpers to fill it.
struct TestDesk: DeskFixture {
  let store: DeskStore

  var narrow: any DeskStoring { store }

  static func with(connections: Int = 4, _ body: (TestDesk) async throws -> Void) async throws {
    await gate.enter()
    do {
      let desk = try await make(connections: connections)
      do {
        try await body(desk)
        let unsound = "SELECT count(*) FROM desk.ticket t WHERE desk.ticket_is_sound(t) IS NOT TRUE"
        #expect(try await desk.number(unsound) == 0, "a test left a ticket in a state that none can have")
      } catch {
        await desk.store.pool.shutdown()
        throw error
      }
      await desk.store.pool.shutdown()
    } catch {
      await gate.leave()
      throw error
    }
    await gate.leave()
  }

  /// The server's connections and lock table limit how many desks can be open at once.
  private static let gate = Gate(width: 6)

  private static func make(connections: Int) async throws -> TestDesk {
    TestDesk(store: try await TestDatabase.make(connections: connections))
  }

  /// One desk for tests that leave no trace; its connections end with the process.
  static func shared() async throws -> TestDesk {
    try await sharedDesk.value
  }

  private static let sharedDesk = Task { try await make(connections: 2) }

  /// Returns a single number from SQL.
  func number(_ sql: String) async throws -> Int64 {
    try await store.pool.query(PostgresStatement<Int64>("test_\(sql.hashValue)", "SELECT (\(sql))::bigint"))[0]
  }

  func run(_ sql: String) async throws {
    try await store.pool.executeScript(sql)
  }
}

/// Admits a limited number at a time, in arrival order.
private actor Gate {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(width: Int) { free = width }

  func enter() async {
    // Decided inside: between a check outside and the continuation another may leave, and no one would be woken.
    await withCheckedContinuation { continuation in
      if free > 0 {
        free -= 1
        continuation.resume()
      } else {
        waiting.append(continuation)
      }
    }
  }

  func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}

extension AcceptOutcome {
  var acceptance: Acceptance? {
    switch self {
    case .accepted(let acceptance), .duplicate(let acceptance): acceptance
    case .duplicateOfDropped, .conflict, .heldUp: nil
    }
  }

  var isNew: Bool { if case .accepted = self { true } else { false } }
}

extension Labels {
  static let test = Labels(
    category: "billing", intent: "refund", confidence: 0.912345678901, urgency: .high, sentiment: .negative,
    language: "en", modelVersion: "m1")
}

extension Policy {
  static let test = Policy(
    version: 1, teams: [:], agents: [:], queues: [:], rules: [], defaultQueue: "billing", triageQueue: "triage",
    triageThreshold: 0.5, serviceLevels: [], calendars: [:], channels: [:], hooks: [:])
}

extension RoutingDecision {
  static func test(
    _ message: MessageID?, queue: QueueID = "billing", needsTriage: Bool = false, weight: Int32 = 1,
    targets: ServiceLevelTargets = .none
  ) -> RoutingDecision {
    RoutingDecision(
      queue: queue, priority: .high, skills: [SkillRequirement("refunds", proficiency: 3)], weight: weight,
      labels: .test, needsTriage: needsTriage, targets: targets, rule: "r", policyVersion: 7, message: message)
  }
}

extension ServiceLevelTargets {
  static func test(from start: Instant) -> ServiceLevelTargets {
    ServiceLevelTargets(
      policy: "p", firstResponse: ServiceLevelTarget(allowed: .seconds(60), from: start, in: .always),
      resolution: ServiceLevelTarget(allowed: .seconds(600), from: start, in: .always), pausesWhilePending: true)
  }
}
