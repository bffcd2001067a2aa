package import DeskCore
import Store
import Synchronization

/// A simulated database that several simulated processes share.
package final class SharedDatabase: Sendable {
  private let database: Mutex<SimulatedDatabase>

  /// - Parameter now: the database's time at the beginning.
  package init(now: Instant) { database = Mutex(SimulatedDatabase(now: now)) }

  /// Runs statements, and whatever the driver of a simulation does with the database.
  package func withDatabase<Answer: Sendable>(
    _ body: (inout SimulatedDatabase) throws -> Answer
  ) rethrows -> Answer {
    try database.withLock { database throws in try body(&database) }
  }

  /// Moves the database's clock.
  package func advance(by time: Duration) { withDatabase { $0.now = $0.now + time } }
}

/// One process's connection to a simulated database, behind the protocols of the real store.
///
/// Each call asks a plan first what goes wrong with it. The plan may wait, which delays the call, and its answer decides whether the
/// statement takes effect and whether the caller learns of it.
package struct SimulatedStore: DeskStoring {
  /// What goes wrong with a call.
  package typealias Plan = @Sendable (StoreCall) async -> StoreFault

  /// The database.
  package let database: SharedDatabase
  private let plan: Plan

  /// - Parameter plan: called before each call; by default nothing goes wrong.
  package init(_ database: SharedDatabase, plan: @escaping Plan = { _ in .none }) {
    self.database = database
    self.plan = plan
  }

  package var inbox: SimulatedInbox { SimulatedInbox(store: self) }
  package var tickets: SimulatedTickets { SimulatedTickets(store: self) }
  package var conversations: SimulatedConversations { SimulatedConversations(store: self) }
  package var matching: SimulatedMatching { SimulatedMatching(store: self) }
  package var fleet: SimulatedFleet { SimulatedFleet(store: self) }
  package var outbox: SimulatedOutbox { SimulatedOutbox(store: self) }
  package var replies: SimulatedReplies { SimulatedReplies(store: self) }

  package func now() async throws -> Instant { try await call(.now) { $0.now } }

  func call<Answer: Sendable>(
    _ call: StoreCall, _ statement: @Sendable (inout SimulatedDatabase) -> Answer
  ) async throws -> Answer {
    let fault = await plan(call)
    return try database.withDatabase { database throws in try database.perform(under: fault, statement) }
  }
}
