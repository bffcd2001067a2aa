import Crypto
import HTTPService
import Observability
import ServiceProcess
import Store
import SystemPrimitives
import TestService
import TestStore
import Testing
import UseCases

@testable import Console
@testable import DeskCore

/// An installation on its own database, with agents, and a console on top of it.
struct StaffedDesk: Sendable {
  let store: DeskStore
  let policy: PolicyFollower
  let clock: DatabaseClock
  let desk: AgentDesk
  let hub: StreamHub
  let watch: WallboardHub

  /// - Parameter sections: further sections of the policy.
  static func with(adding sections: String = "", _ body: (StaffedDesk) async throws -> Void) async throws {
    try await TestDatabase.with(hasPartitions: true) { try await on($0, adding: sections, body) }
  }

  /// The same on a given database.
  static func on(
    _ store: DeskStore, adding sections: String = "", _ body: (StaffedDesk) async throws -> Void
  ) async throws {
    try await body(StaffedDesk(store: store, adding: sections))
  }

  /// - Parameter store: of an empty database.
  init(store: DeskStore, adding sections: String = "") async throws {
    _ = try await store.access.applyPolicy(document: Self.document + sections, by: "test")
    self.store = store
    policy = PolicyFollower(store: store, logger: .silent)
    try await policy.look()
    clock = try await DatabaseClock(asking: store)
    desk = AgentDesk(stepper: TicketStepper(store: store, clock: clock, policy: policy) { _ in })
    hub = StreamHub(
      store: DeskStreamSource(store: store, policy: policy, clock: clock), capacity: 8, metrics: MetricsRegistry(),
      logger: .silent)
    watch = WallboardHub(store: store, policy: policy, clock: clock, metrics: MetricsRegistry())
    try await store.matching.adoptAgents(of: #require(policy.current))
    for agent: AgentID in ["ann", "bob"] { #expect(try await store.matching.setPresence(.available, of: agent)) }
  }

  static let document = """
    version: 1
    teams:
      orders: {}
      care: {}
    queues:
      parcels: { teams: [orders] }
      praise: { teams: [orders] }
    rules:
      - { name: known, when: { category: [c, c2, complaint] }, queue: parcels }
      - { name: praise, when: { category: praise }, queue: praise }
      - { name: rest, queue: parcels }
    default_queue: parcels
    triage: { queue: parcels, below: 0.35 }
    agents:
      - { id: ann, teams: [orders], capacity: 4 }
      - { id: bob, teams: [care], capacity: 4 }
    channels:
      web: { reply_hook: replies }
    hooks:
      replies:
        url: https://example.com/hook
        secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
        kinds: [message.replied]

    """

  var routes: ConsoleRoutes {
    let store = store
    return ConsoleRoutes(
      store: store, clock: clock, policy: policy,
      callers: CallerGuard(
        keys: KeyGuard { try await store.access.keys(digests: $0) },
        sessions: { try await store.access.sessions(digests: $0) }),
      sessions: SessionDesk(
        store: store, clock: clock, limits: SessionDesk.Limits(lifetime: .seconds(43_200), idle: .seconds(7_200))),
      desk: desk, hub: hub, watch: watch)
  }

  /// Creates a key.
  func key(_ role: Role, agent: AgentID? = nil) async throws -> String {
    let secret = "key-of-\(role.rawValue)-\(agent?.rawValue ?? "noOne")-0123456789"
    try await store.access.addKey(
      id: fresh(), digest: Array(SHA256.hash(data: Array(secret.utf8))), role: role,
      channel: role == .channel ? "web" : nil, agent: agent, label: "test", lifetime: nil)
    return secret
  }

  func fresh<Subject>() async throws -> Identifier<Subject> { try await store.fresh() }

  /// A message that waits for its first decision.
  /// - Parameter moment: the time in its identifiers; nil for now.
  private func accepted(from customer: String, at moment: Instant?) async throws -> Acceptance {
    var random = SystemRandom()
    let now = try await store.now()
    return try await store.accept(
      .sample(
        id: MessageID(at: moment ?? now, using: &random), ticket: TicketID(at: moment ?? now, using: &random),
        from: customer, externalID: "m-\(customer)", text: "my words"))
  }

  /// A ticket without a decision.
  func received(from customer: String, at moment: Instant? = nil) async throws -> TicketID {
    try await accepted(from: customer, at: moment).ticket
  }

  /// A ticket that waits in the queue.
  func queued(from customer: String = "cara") async throws -> Ticket {
    let acceptance = try await accepted(from: customer, at: nil)
    let ticket = try await store.ticket(of: acceptance)
    return try await take(
      ticket,
      .routed(
        RoutingDecision(
          queue: "parcels", priority: .normal, skills: [], weight: 1,
          labels: .of(category: "c"), needsTriage: false, targets: .none, rule: "rest", policyVersion: 1,
          message: acceptance.message)), decides: [acceptance.message])
  }

  /// A ticket that is offered to an agent.
  func offered(to agent: AgentID, from customer: String = "cara") async throws -> (ticket: Ticket, offer: OfferID) {
    let ticket = try await queued(from: customer)
    let now = try await store.now()
    let offer = try await Offer(id: fresh(), agent: agent, offeredAt: now, expiresAt: now + .seconds(600))
    return (try await take(ticket, .offered(offer)), offer.id)
  }

  func take(_ ticket: Ticket, _ event: TicketEvent, decides: [MessageID] = []) async throws -> Ticket {
    try await store.take(ticket, event, under: #require(policy.current), decides: decides)
  }
}
