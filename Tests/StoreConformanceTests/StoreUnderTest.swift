import PostgreSQL
import Store
import Testing

@testable import DeskCore
@testable import FaultSimulation

/// The two stores that the conformance tests run on.
enum StoreKind: String, CaseIterable, Sendable {
  case postgres, simulated
}

/// An empty store of either kind behind its narrow protocols, and what tests need beside them.
struct StoreUnderTest: DeskFixture {
  let store: any DeskStoring
  private let backing: Backing

  var narrow: any DeskStoring { store }

  /// The desk in PostgreSQL, for what only it keeps; nil when this is the simulated store.
  var postgres: TestDesk? { if case .postgres(let desk) = backing { desk } else { nil } }

  private enum Backing {
    case postgres(TestDesk)
    case simulated(SharedDatabase)
  }

  static func with(
    _ kind: StoreKind, connections: Int = 4, _ body: (StoreUnderTest) async throws -> Void
  ) async throws {
    switch kind {
    case .postgres:
      try await TestDesk.with(connections: connections) { desk in
        try await body(StoreUnderTest(store: desk.store, backing: .postgres(desk)))
      }
    case .simulated:
      let database = SharedDatabase(now: Instant(seconds: 1_700_000_000))
      // Each call takes a microsecond.
      let store = SimulatedStore(database) { _ in
        database.advance(by: .microseconds(1))
        return .none
      }
      try await body(StoreUnderTest(store: store, backing: .simulated(database)))
    }
  }

  // MARK: Time

  /// Lets time pass for the store: what was written becomes older, and claims and leases come nearer to their end.
  func pass(_ time: Duration) async throws {
    switch backing {
    case .simulated(let database): database.advance(by: time)
    case .postgres(let desk):
      // The real clock cannot be moved, so everything that is compared with it is.
      let seconds = "make_interval(secs => \(time / .seconds(1)))"
      try await desk.run(
        Self.dated.map { table, columns in
          "UPDATE desk.\(table) SET " + columns.map { "\($0) = \($0) - \(seconds)" }.joined(separator: ", ")
        }.joined(separator: ";\n"))
    }
  }

  private static let dated = [
    ("inbox", ["accepted_at", "claimed_until"]), ("service_instance", ["heartbeat_at"]), ("lease", ["expires_at"]),
    ("outbox", ["next_attempt_at"]), ("agent_state", ["seen_at"]), ("queue_pace", ["measured_at"]),
    ("ticket", ["offer_expires_at", "reply_due_since"]),
  ]

  // MARK: Figures

  enum Table: String {
    case message, inbox, ticket, outbox, lease
    case messageKey = "message_key"
    case openTicket = "open_ticket"
    case ticketEvent = "ticket_event"
    case deadLetter = "dead_letter"
    case serviceInstance = "service_instance"
  }

  func count(of table: Table) async throws -> Int64 {
    switch backing {
    case .postgres(let desk): try await desk.number("SELECT count(*) FROM desk.\(table.rawValue)")
    case .simulated(let database): database.withDatabase { Int64($0.count(of: table)) }
    }
  }

  func balance() async throws -> LedgerBalance? {
    switch backing {
    case .postgres(let desk): try await desk.store.audit.balance()
    case .simulated(let database): database.withDatabase { $0.balance }
    }
  }

  /// Sets what the desk knows of a customer on the channel `web`.
  func setCustomer(_ customer: String, tier: CustomerTier, dedicatedAgent: AgentID? = nil) async throws {
    switch backing {
    case .postgres(let desk):
      try await desk.store.privacy.setCustomer(customer, of: "web", tier: tier, dedicatedAgent: dedicatedAgent)
    case .simulated(let database):
      database.withDatabase { $0.setCustomer(customer, of: "web", tier: tier, dedicatedAgent: dedicatedAgent) }
    }
  }
}

extension SimulatedDatabase {
  fileprivate func count(of table: StoreUnderTest.Table) -> Int {
    switch table {
    case .message: messages.count
    case .inbox: undecidedMessages.count
    case .ticket: live.rows.count
    case .outbox: pendingDeliveries.count
    case .lease: leases.count
    case .messageKey: keys.count
    case .openTicket: openings.all.count
    case .ticketEvent: timelines.values.reduce(0) { $0 + $1.count }
    case .deadLetter: deadLetters.count
    case .serviceInstance: instances.count
    }
  }
}
