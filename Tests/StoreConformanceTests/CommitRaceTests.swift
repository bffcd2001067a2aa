import PostgreSQL
import Store
import TestKit
import Testing

@testable import DeskCore

/// Several services that take the same steps concurrently.
@Suite(.serialized) struct CommitRaceTests {
  @Test(arguments: StoreKind.allCases) func twoRoutersDecideEachTicketOnce(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      for round in 0..<5 {
        let accepted = try await desk.accept(from: (0..<200).map { "customer \(round)-\($0)" })
        let decided = try await withThrowingTaskGroup(of: [TicketID].self) { group in
          for router in 0..<2 {
            group.addTask {
              var mine: [TicketID] = []
              let order = router == 0 ? accepted : accepted.reversed()
              for start in stride(from: 0, to: order.count, by: 20) {
                let batch = order[start..<start + 20]
                let tickets = try await desk.store.tickets.tickets(batch.map(\.ticket))
                var steps: [TicketStep] = []
                for acceptance in batch {
                  guard var ticket = tickets[acceptance.ticket], ticket.state == .received else { continue }
                  steps.append(
                    try await desk.step(
                      &ticket, .routed(.test(acceptance.message)), decides: [acceptance.message]))
                }
                mine += try await desk.store.tickets.commit(steps)
              }
              return mine
            }
          }
          var all: [TicketID] = []
          for try await mine in group { all += mine }
          return all
        }
        #expect(decided.count == 200 && Set(decided).count == 200)
      }
      #expect(try await desk.count(of: .inbox) == 0)
      #expect(try await desk.count(of: .ticketEvent) == 1000)
      #expect(try await desk.count(of: .ticket) == 1000)
      let balance = try #require(try await desk.balance())
      #expect(balance.lost == 0 && balance.decidedTwice == 0 && balance.messages == 1000)
    }
  }

  @Test(arguments: StoreKind.allCases) func noAgentExceedsTheirCapacity(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let agents: [AgentID] = ["ada", "ben", "cyn"]
      try await desk.upsert(agents, capacity: 4)
      let tickets = try await desk.queued((0..<60).map { "customer \($0)" })
      let given = try await withThrowingTaskGroup(of: Int.self) { group in
        for matcher in 0..<4 {
          group.addTask {
            var count = 0
            for start in stride(from: 0, to: tickets.count, by: 6) {
              var steps: [TicketStep] = []
              for position in start..<start + 6 {
                var ticket = tickets[position]
                steps.append(
                  try await desk.step(
                    &ticket, .offered(try await desk.offer(to: agents[(position + matcher) % agents.count]))))
              }
              count += try await desk.store.tickets.commit(steps).count
            }
            return count
          }
        }
        var sum = 0
        for try await count in group { sum += count }
        return sum
      }
      #expect(given == 12)
      #expect(try await desk.store.matching.agentRows().map(\.load) == [4, 4, 4])
      #expect(try await desk.balance()?.wrongLoads == 0)
    }
  }

  @Test(arguments: StoreKind.allCases) func aMessageForAnEndingTicketIsNeverStranded(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada"], capacity: 1000)
      for round in 0..<30 {
        let customers = (0..<10).map { "customer \(round)-\($0)" }
        var tickets = try await desk.queued(customers)
        for position in tickets.indices {
          let offer = try await desk.offer(to: "ada")
          try await desk.take(&tickets[position], .offered(offer))
          try await desk.take(&tickets[position], .accepted(offer.id, by: "ada"))
          try await desk.take(&tickets[position], .resolved(by: "ada"))
        }
        var ends: [TicketStep] = []
        for position in tickets.indices { ends.append(try await desk.step(&tickets[position], .reopenWindowPassed)) }
        var followUps: [IncomingMessage] = []
        for customer in customers.reversed() {
          followUps.append(try await desk.message("again \(customer)", from: customer))
        }
        let (steps, messages) = (ends, followUps)
        async let ended = desk.store.tickets.commit(steps)
        async let accepted = desk.store.inbox.accept(messages, owner: nil)
        let (over, outcomes) = try await (ended, accepted)
        #expect(outcomes.count == messages.count)
        for outcome in outcomes {
          let acceptance = try #require(outcome.acceptance)
          #expect(acceptance.opensTicket || !over.contains(acceptance.ticket))
        }
      }
      // Every undecided message is on a live ticket.
      let adopted = try await desk.store.inbox.adopt(for: desk.fresh(), limit: 999)
      #expect(!adopted.isEmpty)
      let tickets = try await desk.store.tickets.tickets(adopted.map(\.ticket))
      #expect(adopted.allSatisfy { tickets[$0.ticket] != nil })
    }
  }

  /// Another transaction holds the second row and wants the first, and a release that has the first waits for the second. The release
  /// detects the deadlock; it is aborted, and retried when the other has finished.
  @Test func aDeadlockedReleaseIsRetried() async throws {
    try await TestDesk.with { desk in
      let owner = try await desk.fresh(ServiceInstance.self)
      let ids = try await desk.accept(from: ["ann", "bob"], owner: owner).map(\.message).sorted()
      let store = desk.store
      let touch = PostgresStatement<Void>(
        "touch", "UPDATE desk.inbox SET attempts = attempts + 1 WHERE message_id = $1")
      let releasing = try await store.pool.withTransaction { transaction in
        try await transaction.executeScript("SET LOCAL deadlock_timeout = '60s'")
        try await transaction.execute(touch, [ids[1]])
        let releasing = Task { try await store.inbox.release(ids, heldBy: owner) }
        try await eventually("the release's wait for the row") {
          try await desk.number(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0
        }
        try await transaction.execute(touch, [ids[0]])
        return releasing
      }
      try await releasing.value
      #expect(try await desk.number("SELECT count(*) FROM desk.inbox WHERE owner IS NULL AND attempts = 1") == 2)
    }
  }

  @Test(arguments: StoreKind.allCases) func deadLetteringAndDecidingAMessageAreExclusive(on kind: StoreKind)
    async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: (0..<100).map { "customer \($0)" })
      let tickets = try await desk.store.tickets.tickets(accepted.map(\.ticket))
      for acceptance in accepted {
        var ticket = try #require(tickets[acceptance.ticket])
        let step = try await desk.step(&ticket, .routed(.test(acceptance.message)), decides: [acceptance.message])
        async let committed = desk.store.tickets.commit([step])
        async let deadLettered = desk.store.outbox.deadLetter(acceptance.message, reason: "poison")
        let (committedTickets, wasDeadLettered) = try await (committed, deadLettered)
        #expect(committedTickets.isEmpty == wasDeadLettered)
      }
      #expect(try await desk.count(of: .inbox) == 0)
      #expect(
        try await desk.count(of: .deadLetter)
          + desk.count(of: .ticketEvent) == 100)
    }
  }
}
