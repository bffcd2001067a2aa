import PostgreSQL
import Store
import TestStore
import Testing

@testable import DeskCore

/// A desk on a separate, migrated database, with helpers to fill it.
struct TestDesk: Sendable {
  let store: DeskStore

  static func with(connections: Int = 4, _ body: (TestDesk) async throws -> Void) async throws {
    await gate.enter()
    do {
      let desk = try await make(connections: connections)
      do {
        try await body(desk)
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

  // MARK: Filling

  func fresh<Subject>(_ subject: Subject.Type = Subject.self) async throws -> Identifier<Subject> {
    try await store.fresh()
  }

  func message(_ external: String, from customer: String = "ann", digest: UInt8 = 1) async throws -> IncomingMessage {
    try await IncomingMessage(
      id: fresh(), ticket: fresh(), channel: "web", customer: customer, externalID: external,
      digest: Array(repeating: digest, count: 32), subject: nil, body: "words of \(external)", attributes: nil,
      attachments: nil, sentAt: nil, traceparent: "00-trace")
  }

  /// Accepts one message of each customer.
  func accept(from customers: [String], owner: InstanceID? = nil) async throws -> [Acceptance] {
    var messages: [IncomingMessage] = []
    for customer in customers { messages.append(try await message("first of \(customer)", from: customer)) }
    return try await store.inbox.accept(messages, owner: owner).map { try #require($0.acceptance) }
  }

  /// Opens, routes and returns a ticket for each customer.
  /// - Parameter weights: the tickets' weights, one for each customer; default 1.
  func queued(
    _ customers: [String], queue: QueueID = "billing", targets: ServiceLevelTargets = .none, weights: [Int32] = []
  ) async throws -> [Ticket] {
    let accepted = try await accept(from: customers)
    let found = try await store.tickets.tickets(accepted.map(\.ticket))
    var tickets: [Ticket] = []
    var steps: [TicketStep] = []
    for (position, acceptance) in accepted.enumerated() {
      var ticket = try #require(found[acceptance.ticket])
      let weight = weights.isEmpty ? 1 : weights[position]
      steps.append(
        try await step(
          &ticket, .routed(.test(acceptance.message, queue: queue, weight: weight, targets: targets)),
          decides: [acceptance.message]))
      tickets.append(ticket)
    }
    #expect(try await store.tickets.commit(steps) == Set(tickets.map(\.id)))
    return tickets
  }

  /// Applies a step and returns it.
  /// - Parameter moment: when; default: now.
  func step(
    _ ticket: inout Ticket, _ event: TicketEvent, at moment: Instant? = nil, decides: [MessageID] = [],
    outgoing: OutgoingMessage? = nil,
    notices: [Notice] = [], traceparent: String? = "00-trace"
  ) async throws -> TicketStep {
    let version = ticket.version
    let now = if let moment { moment } else { try await store.now() }
    let effects = try ticket.handle(event, now: now, under: .test)
    return TicketStep(
      expectedVersion: version, ticket: ticket, at: now, effects: effects, decides: decides, outgoing: outgoing,
      notices: notices, traceparent: traceparent, reopenWindow: .seconds(60))
  }

  /// Applies a step and writes it.
  @discardableResult
  func take(
    _ ticket: inout Ticket, _ event: TicketEvent, at moment: Instant? = nil, decides: [MessageID] = [],
    fence: Fence? = nil
  ) async throws -> Bool {
    let step = try await step(&ticket, event, at: moment, decides: decides)
    return try await store.tickets.commit([step], fencedBy: fence) == [ticket.id]
  }

  func offer(to agent: AgentID) async throws -> Offer {
    let now = try await store.now()
    return try await Offer(id: fresh(), agent: agent, offeredAt: now, expiresAt: now + .seconds(30))
  }

  /// Makes agents available.
  func upsert(_ agents: [AgentID], capacity: Int32) async throws {
    let profiles = agents.map {
      ($0, AgentProfile(id: $0, teams: [], skills: [:], languages: [], capacity: capacity))
    }
    var policy = Policy.test
    policy.agents = Dictionary(uniqueKeysWithValues: profiles)
    try await store.matching.adoptAgents(of: policy)
    for agent in agents { #expect(try await store.matching.setPresence(.available, of: agent) == true) }
  }

  func load(of agent: AgentID) async throws -> Int32? {
    try await store.matching.agentRows().first { $0.agent == agent }?.load
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
