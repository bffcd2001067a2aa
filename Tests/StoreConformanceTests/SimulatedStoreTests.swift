import DeskCore
import FaultSimulation
import Store
import Synchronization
import Testing

/// Faults of a connection to the simulated store.
@Suite struct SimulatedStoreTests {
  /// A database, and a connection to it that has one fault at the next call of a kind.
  private final class FaultyDesk: DeskFixture {
    let database = SharedDatabase(now: Instant(seconds: 1_700_000_000))
    let fault = Mutex<(call: StoreCall, fault: StoreFault)?>(nil)

    var narrow: any DeskStoring {
      SimulatedStore(database) { call in
        self.fault.withLock { pending in
          guard let next = pending, next.call == call else { return .none }
          pending = nil
          return next.fault
        }
      }
    }

    func fail(_ call: StoreCall, _ kind: StoreFault) { fault.withLock { $0 = (call, kind) } }
  }

  @Test func aLostRequestWritesNothing() async throws {
    let desk = FaultyDesk()
    let message = try await desk.message("1")
    desk.fail(.accept, .beforeEffect)
    await #expect(throws: ConnectionLost.self) { try await desk.narrow.inbox.accept([message], owner: nil) }
    #expect(desk.database.withDatabase { $0.undecidedMessages }.isEmpty)
    #expect(try await desk.narrow.inbox.accept([message], owner: nil)[0].isNew)
  }

  @Test func aLostAnswerIsResolvedByTheIdempotencyKey() async throws {
    let desk = FaultyDesk()
    let message = try await desk.message("1")
    desk.fail(.accept, .afterEffect)
    await #expect(throws: ConnectionLost.self) { try await desk.narrow.inbox.accept([message], owner: nil) }
    let again = try await desk.narrow.inbox.accept([message], owner: nil)[0]
    #expect(!again.isNew && again.acceptance?.ticket == message.ticket)
    #expect(desk.database.withDatabase { $0.undecidedMessages } == [message.id])
  }

  @Test func aLostCommitIsNotRepeated() async throws {
    let desk = FaultyDesk()
    let accepted = try await desk.accept(from: ["ann"])[0]
    var ticket = try #require(try await desk.narrow.tickets.tickets([accepted.ticket])[accepted.ticket])
    let step = try await desk.step(&ticket, .routed(.test(accepted.message)), decides: [accepted.message])
    desk.fail(.commit, .afterEffect)
    await #expect(throws: ConnectionLost.self) { try await desk.narrow.tickets.commit([step]) }
    #expect(try await desk.narrow.tickets.commit([step]).isEmpty)
    #expect(desk.database.withDatabase { $0.decisions } == [accepted.message: 1])
  }
}
