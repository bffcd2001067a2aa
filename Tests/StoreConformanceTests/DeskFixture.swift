import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// A desk that tests fill through the narrow protocols of its store.
protocol DeskFixture: Sendable {
  var narrow: any DeskStoring { get }
}

extension DeskFixture {
  func fresh<Subject>(_ subject: Subject.Type = Subject.self) async throws -> Identifier<Subject> {
    try await IdentifierSource.process.next(at: narrow.now(), tail: UInt64.random(in: .min ... .max))
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
    return try await narrow.inbox.accept(messages, owner: owner).map { try #require($0.acceptance) }
  }

  /// Opens, routes and returns a ticket for each customer.
  /// - Parameter weights: the tickets' weights, one for each customer; default 1.
  func queued(
    _ customers: [String], queue: QueueID = "billing", targets: ServiceLevelTargets = .none, weights: [Int32] = []
  ) async throws -> [Ticket] {
    let accepted = try await accept(from: customers)
    let found = try await narrow.tickets.tickets(accepted.map(\.ticket))
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
    #expect(try await narrow.tickets.commit(steps) == Set(tickets.map(\.id)))
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
    let now = if let moment { moment } else { try await narrow.now() }
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
    return try await narrow.tickets.commit([step], fencedBy: fence) == [ticket.id]
  }

  func offer(to agent: AgentID) async throws -> Offer {
    let now = try await narrow.now()
    return try await Offer(id: fresh(), agent: agent, offeredAt: now, expiresAt: now + .seconds(30))
  }

  /// Makes agents available.
  func upsert(_ agents: [AgentID], capacity: Int32) async throws {
    let profiles = agents.map {
      ($0, AgentProfile(id: $0, teams: [], skills: [:], languages: [], capacity: capacity))
    }
    var policy = Policy.test
    policy.agents = Dictionary(uniqueKeysWithValues: profiles)
    try await narrow.matching.adoptAgents(of: policy)
    for agent in agents { #expect(try await narrow.matching.setPresence(.available, of: agent) == true) }
  }

  func load(of agent: AgentID) async throws -> Int32? {
    try await narrow.matching.agentRows().first { $0.agent == agent }?.load
  }
}
