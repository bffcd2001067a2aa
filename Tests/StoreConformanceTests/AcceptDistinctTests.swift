import Store
import Testing

@testable import DeskCore

/// Batches of messages of different customers, for which the store has a statement of their own.
@Suite struct AcceptDistinctTests {
  @Test(arguments: StoreKind.allCases) func eachMessageHasItsOwnOutcome(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      func accept(_ messages: [IncomingMessage]) async throws -> [AcceptOutcome] {
        try await desk.store.inbox.accept(messages, owner: nil, patience: .asConfigured, messagesPerTicket: 2)
      }
      let full = try await [
        desk.message("1", from: "full"), desk.message("2", from: "full"), desk.message("3", from: "known"),
      ]
      let earlier = try await accept(full).map { try #require($0.acceptance) }
      let outcomes = try await accept([
        desk.message("new", from: "ann"), desk.message("4", from: "full"), desk.message("3", from: "known"),
        desk.message("5", from: "bob"), desk.message("2", from: "cyn", digest: 2),
      ])
      #expect(outcomes.map(\.isNew) == [true, true, false, true, false])
      #expect(outcomes[2].acceptance?.message == earlier[2].message && outcomes[4] == .conflict)
      let continued = try #require(outcomes[1].acceptance)
      #expect(continued.opensTicket && continued.ticket != earlier[0].ticket)
      #expect(outcomes[0].acceptance?.opensTicket == true && outcomes[3].acceptance?.opensTicket == true)
      #expect(try await desk.count(of: .message) == 6)
      #expect(try await desk.count(of: .inbox) == 6)
      #expect(try await desk.count(of: .messageKey) == 6)
      // No ticket was opened for a repetition or a conflict.
      #expect(try await desk.count(of: .openTicket) == 5)
    }
  }

  @Test(arguments: StoreKind.allCases) func aMessageOfAKnownCustomerJoinsTheOpenTicket(on kind: StoreKind) async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      let first = try await desk.accept(from: ["ann", "bob"])
      let again = try await desk.store.inbox.accept(
        [desk.message("2", from: "bob"), desk.message("3", from: "cyn")], owner: nil)
      #expect(again[0].acceptance?.ticket == first[1].ticket && again[0].acceptance?.opensTicket == false)
      #expect(again[1].acceptance?.opensTicket == true)
    }
  }

  /// The same ids from two sides at once, in opposite orders, of the same customers or of others.
  @Test(arguments: StoreKind.allCases, [true, false])
  func twoStoresAcceptingTheSameIdsStoreEachOnce(on kind: StoreKind, areTheSameCustomers: Bool) async throws {
    try await StoreUnderTest.with(kind, connections: 4) { desk in
      for round in 0..<20 {
        var sides: [[IncomingMessage]] = [[], []]
        for side in 0..<2 {
          for position in 0..<20 {
            let writer = areTheSameCustomers ? "c\(round)-\(position)" : "c\(round)-\(position)-\(side)"
            sides[side].append(try await desk.message("\(round)-\(position)", from: writer))
          }
        }
        let (left, right) = (sides[0], Array(sides[1].reversed()))
        async let first = desk.store.inbox.accept(left, owner: nil)
        async let second = desk.store.inbox.accept(right, owner: nil)
        let (one, other) = try await (first, second)
        for (mine, theirs) in zip(one, other.reversed()) {
          #expect(mine.isNew != theirs.isNew)
          #expect(mine.acceptance?.message == theirs.acceptance?.message)
          #expect(mine.acceptance?.ticket == theirs.acceptance?.ticket)
        }
      }
      #expect(try await desk.count(of: .message) == 400)
      #expect(try await desk.count(of: .messageKey) == 400)
      #expect(try await desk.count(of: .inbox) == 400)
      #expect(try await desk.count(of: .openTicket) == 400)
    }
  }
}
