import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// Undecided messages on the database fallback.
@Suite struct InboxTests {
  private func instance(_ desk: some DeskFixture, alive: Bool) async throws -> InstanceID {
    let id = try await desk.fresh(ServiceInstance.self)
    if alive { try await desk.narrow.fleet.register(.test(id, service: "intake")) }
    return id
  }

  @Test(arguments: StoreKind.allCases) func adoptsUnheldMessagesOldestFirst(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let living = try await instance(desk, alive: true)
      let dead = try await instance(desk, alive: false)
      let adopter = try await instance(desk, alive: true)
      let held = try await desk.accept(from: ["held"], owner: living)
      let orphaned = try await desk.accept(from: ["orphan 1", "orphan 2"], owner: dead)
      let free = try await desk.accept(from: ["free"], owner: nil)
      let first = try await desk.store.inbox.adopt(for: adopter, limit: 2)
      let rest = try await desk.store.inbox.adopt(for: adopter, limit: 10)
      #expect((first + rest).map(\.id) == (orphaned + free).map(\.message).sorted())
      #expect(first.count == 2 && rest.allSatisfy { $0.attempts == 0 && $0.labels == nil })
      let texts = first.map { "words of first of \($0.customer)" }
      #expect(first.map(\.body) == texts && first.allSatisfy(\.opensTicket))
      let nothing = try await desk.store.inbox.adopt(for: adopter, limit: 10)
      #expect(nothing.isEmpty)
      // Released messages are available to the next one.
      try await desk.store.inbox.release([orphaned[0].message, held[0].message], heldBy: adopter)
      #expect(try await desk.store.inbox.adopt(for: adopter, limit: 10).map(\.id) == [orphaned[0].message])
      try await desk.store.inbox.releaseAll(heldBy: living)
      #expect(try await desk.store.inbox.adopt(for: adopter, limit: 10).map(\.id) == [held[0].message])
    }
  }

  @Test(arguments: StoreKind.allCases) func twoAdoptersNeverTakeTheSameMessage(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: (0..<300).map { "customer \($0)" })
      let ids = try await withThrowingTaskGroup(of: [MessageID].self) { group in
        for _ in 0..<3 {
          group.addTask {
            let adopter = try await instance(desk, alive: true)
            var mine: [MessageID] = []
            while case let batch = try await desk.store.inbox.adopt(for: adopter, limit: 7), !batch.isEmpty {
              mine += batch.map(\.id)
            }
            return mine
          }
        }
        var all: [MessageID] = []
        for try await mine in group { all += mine }
        return all
      }
      #expect(ids.count == 300 && Set(ids) == Set(accepted.map(\.message)))
    }
  }

  @Test(arguments: StoreKind.allCases) func aClaimLastsItsTimeAndIsCounted(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: ["ann"])[0]
      let young = try await desk.store.inbox.claimUnlabelled(olderThan: .seconds(3600), limit: 10)
      #expect(young.isEmpty)
      let claimed = try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 10)
      #expect(claimed.map(\.id) == [accepted.message] && claimed[0].attempts == 1)
      let again = try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 10)
      #expect(again.isEmpty)
      try await desk.pass(StoreBounds.claimTime - .seconds(5))
      #expect(try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 10).isEmpty)
      try await desk.pass(.seconds(5))
      #expect(try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 10).map(\.attempts) == [2])
    }
  }

  @Test(arguments: StoreKind.allCases) func sweepsSkipMessagesHeldByALiveIntake(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let living = try await instance(desk, alive: true)
      let dead = try await instance(desk, alive: false)
      let held = try await desk.accept(from: ["held", "held and labelled"], owner: living).map(\.message)
      try await desk.store.inbox.write(labels: [(held[1], .test)])
      let orphaned = try await desk.accept(from: ["orphan"], owner: dead)[0].message
      let free = try await desk.accept(from: ["free"], owner: nil)[0].message
      let swept = try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9)
      #expect(Set(swept.map(\.id)) == [orphaned, free])
      #expect(try await desk.store.inbox.claimLabelled(olderThan: .zero, limit: 9).map(\.id) == [])
      // When no link can still have it, it is swept, and its owner has nothing to release.
      try await desk.pass(StoreBounds.heldTime)
      _ = try await desk.store.fleet.heartbeat(living)
      let late = try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9)
      #expect(Set(late.map(\.id)) == [held[0], orphaned, free])
      #expect(try await desk.store.inbox.claimLabelled(olderThan: .zero, limit: 9).map(\.id) == [held[1]])
      try await desk.store.inbox.releaseAll(heldBy: living)
      #expect(try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9).map(\.id) == [])
    }
  }

  @Test(arguments: StoreKind.allCases) func lateAdoptedMessagesAreNotSweptAtOnce(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let adopter = try await instance(desk, alive: true)
      let message = try await desk.accept(from: ["ann"])[0].message
      try await desk.pass(.seconds(3600))
      _ = try await desk.store.fleet.heartbeat(adopter)
      #expect(try await desk.store.inbox.adopt(for: adopter, limit: 9).map(\.id) == [message])
      #expect(try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9).map(\.id) == [])
      // Once released it is immediately free.
      try await desk.store.inbox.release([message], heldBy: adopter)
      #expect(try await desk.store.inbox.adopt(for: adopter, limit: 9).map(\.id) == [message])
      // No one needs to wait for an adopter that died.
      try await desk.pass(FleetBounds.silence + .milliseconds(1))
      #expect(try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9).map(\.id) == [message])
      // A sweep's claim holds against adopters.
      #expect(try await desk.store.inbox.adopt(for: adopter, limit: 9).map(\.id) == [])
    }
  }

  /// Each claim is followed by the crash of the process with the bad message, as after a kill: claimed, with nothing written.
  @Test(arguments: StoreKind.allCases) func oneBadMessageDoesNotPoisonItsNeighbours(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: (0..<20).map { "customer \($0)" }).map(\.message)
      let bad = accepted[7]
      var batches: [Int] = []
      while case let batch = try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 256), !batch.isEmpty {
        batches.append(batch.count)
        if !batch.contains(where: { $0.id == bad }) {
          try await desk.store.inbox.write(labels: batch.map { ($0.id, .test) })
        }
        try await desk.pass(StoreBounds.claimTime)
      }
      #expect(try await desk.store.inbox.claimPoisoned(limit: 10).map(\.id) == [bad])
      #expect(batches == [20, 20] + Array(repeating: 1, count: 22))
      #expect(try await desk.store.inbox.claimLabelled(olderThan: .zero, limit: 256).count == 19)
    }
  }

  @Test(arguments: StoreKind.allCases) func previouslyFailedMessagesAreTriedAloneAndNotAdopted(on kind: StoreKind)
    async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: ["ann", "bob", "cyn"]).map(\.message)
      for _ in 0..<StoreBounds.attemptsBeforeAlone { try await desk.store.inbox.countAttempts(of: [accepted[1]]) }
      #expect(try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9).map(\.id) == [accepted[1]])
      try await desk.pass(StoreBounds.claimTime)
      let adopted = try await desk.store.inbox.adopt(for: desk.fresh(), limit: 9)
      #expect(Set(adopted.map(\.id)) == [accepted[0], accepted[2]])
    }
  }

  @Test(arguments: StoreKind.allCases) func labelsAreKeptWithTheMessage(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: ["ann"])[0]
      _ = try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 10)
      let fitting = [ArticleSuggestion("parcel", coverage: 0.8125), ArticleSuggestion("a.b_c-1", coverage: 1e-3)]
      try await desk.store.inbox.write(labels: [(accepted.message, .test)], suggestions: [accepted.message: fitting])
      let adopter = try await desk.fresh(ServiceInstance.self)
      let adopted = try await desk.store.inbox.adopt(for: adopter, limit: 10)
      #expect(adopted.isEmpty)
      let claimed = try await desk.store.inbox.claimLabelled(olderThan: .zero, limit: 10)
      #expect(claimed.map(\.labels) == [.test] && claimed[0].attempts == 1)
      #expect(claimed[0].suggestions == fitting)
      var other = Labels.test
      other.category = "other"
      try await desk.store.inbox.write(labels: [(accepted.message, other)])
      if let real = desk.postgres {
        let figures = try await real.store.reports.inboxFigures()
        #expect(figures.waiting == 1 && figures.labelled == 1 && figures.oldest == accepted.acceptedAt)
      }
      try await desk.pass(StoreBounds.claimTime)
      #expect(try await desk.store.inbox.claimLabelled(olderThan: .zero, limit: 10).map(\.labels) == [.test])
    }
  }

  @Test(arguments: StoreKind.allCases) func messagesTriedTooOftenArePoisonedAndNotTaken(on kind: StoreKind) async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: ["ann", "bob"])
      for _ in 0..<StoreBounds.attemptsBeforePoison {
        let none = try await desk.store.inbox.claimPoisoned(limit: 10)
        #expect(none.isEmpty)
        try await desk.store.inbox.countAttempts(of: [accepted[0].message])
      }
      #expect(try await desk.store.inbox.claimPoisoned(limit: 10).map(\.id) == [accepted[0].message])
      #expect(
        try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 10).map(\.id) == [accepted[1].message])
    }
  }

  @Test func messagesOfEndedTicketsMoveToTheOpenTicket() async throws {
    try await TestDesk.with { desk in
      let first = try await desk.accept(from: ["ann"])[0]
      let unmoved = try await desk.store.inbox.rehome(first.message, freshTicket: desk.fresh())
      #expect(!unmoved)
      try await desk.run("DELETE FROM desk.open_ticket")
      // The customer has written again meanwhile.
      let second = try #require(
        try await desk.store.inbox.accept([desk.message("again", from: "ann")], owner: nil)[0].acceptance)
      let moved = try await desk.store.inbox.rehome(first.message, freshTicket: desk.fresh())
      #expect(moved)
      #expect(try await desk.store.conversations.message(first.message)?.ticket == second.ticket)
      #expect(try await desk.number("SELECT count(*) FROM desk.inbox WHERE ticket_id = '\(second.ticket)'") == 2)
      #expect(try await desk.store.outbox.deadLetterCount() == 0)
    }
  }

  @Test func concurrentRehomingOpensOneNewTicket() async throws {
    try await TestDesk.with { desk in
      try await desk.run("INSERT INTO desk.customer (channel, external_id, tier) VALUES ('web', 'ann', 'vip')")
      for round in 0..<20 {
        let message = try #require(
          try await desk.store.inbox.accept([desk.message("m\(round)", from: "ann")], owner: nil)[0].acceptance)
        try await desk.store.inbox.write(labels: [(message.message, .test)])
        try await desk.run("DELETE FROM desk.open_ticket")
        let moves = try await withThrowingTaskGroup(of: Bool.self) { group in
          for _ in 0..<4 {
            group.addTask { try await desk.store.inbox.rehome(message.message, freshTicket: desk.fresh()) }
          }
          var moves = 0
          for try await moved in group where moved { moves += 1 }
          return moves
        }
        #expect(moves == 1)
        let back = try await desk.store.inbox.claimLabelled(olderThan: .zero, limit: 9)
        #expect(back.map(\.id) == [message.message] && back[0].opensTicket && back[0].tier == .vip)
        #expect(
          try await desk.number("SELECT count(*) FROM desk.open_ticket WHERE previous_ticket = '\(message.ticket)'")
            == 1)
        try await desk.run("DELETE FROM desk.inbox; DELETE FROM desk.open_ticket")
      }
    }
  }
}

extension ServiceInstance {
  static func test(_ id: InstanceID, service: String, state: State = .ready) -> ServiceInstance {
    ServiceInstance(
      id: id, service: service, build: "b1", host: "h", processID: 7, state: state, linkEndpoint: "tcp://h:1",
      hintEndpoint: nil, httpEndpoint: "http://h:2", operationsEndpoint: nil,
      curvePublicKey: Array(repeating: 3, count: 32), startedAt: Instant(seconds: 0), heartbeatAt: Instant(seconds: 0))
  }
}
