import PostgreSQL
import TestKit
import Testing

@testable import DeskCore
@testable import Store

/// Batches of first routings, for which the store has a statement of their own: whatever one of a batch meets, the others take effect, and
/// nothing is lost or decided twice.
@Suite struct FreshDecisionTests {
  /// Accepts one message of each customer and computes its ticket's first routing.
  private func routings(
    of customers: [String], on desk: some DeskFixture
  ) async throws -> (accepted: [Acceptance], tickets: [Ticket], steps: [TicketStep]) {
    let accepted = try await desk.accept(from: customers)
    let found = try await desk.narrow.tickets.tickets(accepted.map(\.ticket))
    var tickets: [Ticket] = []
    var steps: [TicketStep] = []
    for acceptance in accepted {
      var ticket = try #require(found[acceptance.ticket])
      steps.append(try await desk.step(&ticket, .routed(.test(acceptance.message)), decides: [acceptance.message]))
      tickets.append(ticket)
    }
    return (accepted, tickets, steps)
  }

  @Test(arguments: StoreKind.allCases) func leaveOutWhatAnotherRouterHasDecided(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let (_, tickets, steps) = try await routings(of: ["ann", "bob", "cyn"], on: desk)
      #expect(try await desk.store.tickets.commit([steps[1]]) == [tickets[1].id])
      #expect(try await desk.store.tickets.commit(steps) == [tickets[0].id, tickets[2].id])
      #expect(try await desk.store.tickets.commit(steps).isEmpty)
      #expect(try await desk.count(of: .ticketEvent) == 3)
      #expect(try await desk.count(of: .inbox) == 0)
      let balance = try #require(try await desk.balance())
      #expect(balance.decidedTwice == 0 && balance.lost == 0)
    }
  }

  @Test(arguments: StoreKind.allCases) func takeEffectBesideOtherFirstSteps(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      var (_, tickets, steps) = try await routings(of: (0..<60).map { "customer \($0)" }, on: desk)
      // A ticket with two messages and one with a notice.
      let first = try await desk.accept(from: ["ann"])[0]
      let second = try #require(try await desk.store.inbox.accept([desk.message("2")], owner: nil)[0].acceptance)
      var ann = try #require(try await desk.store.tickets.tickets([first.ticket])[first.ticket])
      steps.append(
        try await desk.step(&ann, .routed(.test(first.message)), decides: [first.message, second.message]))
      let third = try await desk.accept(from: ["bob"])[0]
      var bob = try #require(try await desk.store.tickets.tickets([third.ticket])[third.ticket])
      let notice = try await Notice(
        id: desk.fresh(), hook: "crm", kind: .ticketQueued, ticket: bob.id, body: .object([]))
      steps.append(
        try await desk.step(&bob, .routed(.test(third.message)), decides: [third.message], notices: [notice]))
      tickets += [ann, bob]
      #expect(try await desk.store.tickets.commit(steps) == Set(tickets.map(\.id)))
      let written = try await desk.store.tickets.tickets(tickets.map(\.id))
      #expect(tickets.allSatisfy { written[$0.id] == $0 })
      #expect(try await desk.count(of: .inbox) == 0)
      #expect(try await desk.count(of: .outbox) == 1)
      #expect(try await desk.count(of: .ticketEvent) == 62)
    }
  }

  /// Some of a batch have a notice of their progress to come, and one has a notice for a web hook.
  @Test(arguments: StoreKind.allCases) func keepTheNoticesToCome(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let (accepted, _, routed) = try await routings(of: ["ann", "bob", "cyn", "dan"], on: desk)
      let now = try await desk.store.now()
      var steps: [TicketStep] = []
      for (place, step) in routed.enumerated() {
        var ticket = step.ticket
        if place % 2 == 1 {
          ticket.progress = ProgressState(
            pending: ProgressState.Pending(
              event: .received, occurrence: 1, agent: nil, since: now, due: now + .seconds(60)),
            occurrences: [.received: 1])
        }
        let notice = try await Notice(
          id: desk.fresh(), hook: "crm", kind: .ticketQueued, ticket: ticket.id, body: .object([]))
        steps.append(
          TicketStep(
            expectedVersion: step.expectedVersion, ticket: ticket, at: step.at, effects: step.effects,
            decides: [accepted[place].message], notices: place == 3 ? [notice] : [], traceparent: nil,
            reopenWindow: .zero))
      }
      #expect(steps.allSatisfy(FreshDecision.canWrite))
      #expect(try await desk.store.tickets.commit(steps) == Set(steps.map(\.ticket.id)))
      let written = try await desk.store.tickets.tickets(steps.map(\.ticket.id))
      #expect(steps.allSatisfy { written[$0.ticket.id] == $0.ticket })
      #expect(steps.map { written[$0.ticket.id]?.progress.pending != nil } == [false, true, false, true])
      #expect(try await desk.count(of: .outbox) == 1)
      #expect(try await desk.count(of: .inbox) == 0)
    }
  }

  /// What a first step leaves that was interrupted by another: the ticket's row, as it was accepted.
  @Test func writeTheRestWhereOneTicketHasItsRowAlready() async throws {
    try await TestDesk.with { desk in
      let (_, tickets, steps) = try await routings(of: ["ann", "bob", "cyn"], on: desk)
      try await desk.run(
        """
        INSERT INTO desk.ticket (id, channel, customer, tier, opened_at)
        SELECT ticket_id, channel, customer, tier, opened_at FROM desk.open_ticket WHERE customer = 'bob'
        """)
      #expect(try await desk.store.tickets.commit(steps) == Set(tickets.map(\.id)))
      let written = try await desk.store.tickets.tickets(tickets.map(\.id))
      #expect(tickets.allSatisfy { written[$0.id] == $0 })
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket_event") == 3)
      #expect(try await desk.number("SELECT count(*) FROM desk.inbox") == 0)
    }
  }

  @Test(arguments: ["merged", "erased", "moved"]) func leaveOutWhoseTicketIsNotAsItWas(_ change: String) async throws {
    try await TestDesk.with { desk in
      let (accepted, tickets, steps) = try await routings(of: ["ann", "bob", "cyn"], on: desk)
      switch change {
      case "merged":
        try await desk.run(
          "UPDATE desk.open_ticket SET merged_into = '\(tickets[0].id)' WHERE customer = 'bob'")
      case "erased":
        _ = try await desk.store.privacy.erase(customer: "bob", of: "web", reason: "asked for it", receipt: "r")
      default:
        try await desk.run(
          "UPDATE desk.inbox SET ticket_id = '\(tickets[0].id)' WHERE message_id = '\(accepted[1].message)'")
      }
      #expect(try await desk.store.tickets.commit(steps) == [tickets[0].id, tickets[2].id])
      #expect(try await desk.number("SELECT count(*) FROM desk.inbox WHERE message_id = '\(accepted[1].message)'") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket_event") == 2)
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket WHERE customer = 'bob' AND version > 1") == 0)
      #expect(try await desk.store.audit.balance()?.lost == 0)
    }
  }

  /// A sweep that claims a message while it is decided, and another router that decides it first.
  @Test(arguments: [true, false]) func waitForWhoeverHoldsAMessage(takesIt: Bool) async throws {
    try await TestDesk.with { desk in
      let (accepted, tickets, steps) = try await routings(of: ["ann", "bob", "cyn"], on: desk)
      let change = PostgresStatement<Void>(
        "hold_message",
        takesIt
          ? "DELETE FROM desk.inbox WHERE message_id = $1"
          : "UPDATE desk.inbox SET attempts = attempts + 1 WHERE message_id = $1")
      let store = desk.store
      let deciding = try await store.pool.withTransaction { holder in
        try await holder.execute(change, [accepted[1].message])
        let deciding = Task { try await store.tickets.commit(steps) }
        try await eventually("the decision's wait for the row") {
          try await desk.number(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0
        }
        return deciding
      }
      let expected = takesIt ? [tickets[0].id, tickets[2].id] : tickets.map(\.id)
      #expect(try await deciding.value == Set(expected))
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket") == Int64(expected.count))
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket_event") == Int64(expected.count))
      #expect(try await desk.number("SELECT count(*) FROM desk.inbox") == 0)
    }
  }
}
