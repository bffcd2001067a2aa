import DeskCore
import Store
import SystemPrimitives
import Testing

@testable import Console

/// What all viewers share, and what overseers' streams report.
@Suite struct WallboardHubTests {
  private struct Away: Error {}

  /// The names of the events on a closed stream, and what one of them says.
  private func events(_ subscription: WallboardHub.Subscription) async -> [(name: String, text: String)] {
    var found: [(String, String)] = []
    for await event in subscription.events {
      found.append((String(event.text.prefix { $0 != "\n" }), event.text))
    }
    return found
  }

  @Test func streamsReportPresencesAndReassignmentsWithTheServersTime() async throws {
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      let lead = try #require(await desk.watch.join(with: StreamKey.of("bob", role: .lead)))
      try await desk.watch.look()
      #expect(try await desk.store.matching.setPresence(.away, of: "bob"))
      _ = try await desk.desk.accept(offer, by: "ann")
      try await desk.watch.look()
      // Nothing happened since.
      let late = try #require(await desk.watch.join(with: StreamKey.of("ann", role: .lead)))
      try await desk.watch.look()
      await desk.watch.end()
      let seen = await events(lead)
      #expect(seen.prefix(2).map(\.name) == ["retry: 1000", "event: wallboard"])
      let presences = seen.filter { $0.name == "event: presence" }
      #expect(presences.count == 1 && presences[0].text.contains(#""agent":"bob","presence":"away","at":"2"#))
      let assignments = seen.filter { $0.name == "event: assignment" }
      #expect(assignments.count == 1)
      #expect(assignments.first?.text.contains(#""from":null,"to":"ann""#) == true)
      #expect(assignments.first?.text.contains(ticket.id.description) == true)
      // A stream begins with the request to fetch everything, and with nothing else.
      #expect(await events(late).map(\.name) == ["retry: 1000", "event: wallboard"])
      #expect(await desk.watch.join(with: StreamKey.of("bob")) == nil)
    }
  }

  @Test func aStreamEndsWithItsKey() async throws {
    try await StaffedDesk.with { desk in
      let stream = try #require(await desk.watch.join(with: StreamKey.of("bob", role: .lead)))
      try await desk.watch.checkKeys()
      #expect(await events(stream).map(\.name) == ["retry: 1000"])
    }
  }

  @Test func oneKeyOpensAFewStreamsOfWhichTheOldestEnds() async throws {
    try await StaffedDesk.with { desk in
      let key = StreamKey.of("bob", role: .lead)
      let oldest = try #require(await desk.watch.join(with: key))
      for _ in 1..<WallboardBounds.streamsPerKey { #expect(await desk.watch.join(with: key) != nil) }
      #expect(await desk.watch.join(with: StreamKey.of("ann", id: Identifier(high: 2, low: 2))) != nil)
      #expect(await desk.watch.join(with: key) != nil)
      // It ends although nothing was sent.
      #expect(await events(oldest).map(\.name) == ["retry: 1000"])
      await desk.watch.end()
    }
  }

  @Test func aComputationIsShared() async throws {
    let count = PthreadMutex(0)
    let shared = SharedComputation(lifetime: .seconds(3600)) {
      for _ in 0..<100 { await Task.yield() }
      return count.withLock {
        $0 += 1; return $0
      }
    }
    let values = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<20 { group.addTask { try await shared.value() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(values == Array(repeating: 1, count: 20))
    #expect(try await shared.value() == 1)
  }

  @Test func afterItsLifetimeOrAFailureAValueIsComputedAgain() async throws {
    let count = PthreadMutex(0)
    let shared = SharedComputation(lifetime: .zero) {
      let number = count.withLock {
        $0 += 1; return $0
      }
      if number == 1 { throw Away() }
      return number
    }
    await #expect(throws: Away.self) { try await shared.value() }
    #expect(try await shared.value() == 2)
  }

  @Test func urgentFindingsComeFirst() {
    let now = Instant(seconds: 1_000_000)
    var board = Wallboard()
    for service in ["intake", "classifier", "router", "sla-watcher", "notifier"] { board.ready[service] = 1 }
    board.queues = [Wallboard.Queue(queue: "orders"), Wallboard.Queue(queue: "refunds")]
    board.staff.free = 1
    #expect(WallboardFinding.judge(board, now: now) == [])
    board.queues[1].late = 3
    board.queues[0].late = 1
    board.deadLetters = 2
    #expect(
      WallboardFinding.judge(board, now: now) == [
        WallboardFinding(code: .late, isUrgent: false, subject: "refunds", count: 4),
        WallboardFinding(code: .deadLetters, isUrgent: false, count: 2),
      ])
    board.queues[0].waiting = 5
    board.queues[0].oldestWaiting = now - .seconds(301)
    #expect(!WallboardFinding.judge(board, now: now).contains { $0.code == .allFull }, "someone is free")
    board.staff = Wallboard.Staff(free: 0, full: 2)
    #expect(
      WallboardFinding.judge(board, now: now).first
        == WallboardFinding(code: .allFull, isUrgent: false, count: 5, seconds: 301))
    board.staff = Wallboard.Staff(away: 2)
    board.ready["router"] = nil
    #expect(WallboardFinding.judge(board, now: now).prefix(2).map(\.code) == [.serviceMissing, .noAgent])
    (board.undecided, board.oldestUndecided) = (7, now - .seconds(30))
    #expect(WallboardFinding.judge(board, now: now).contains { $0.code == .undecided && !$0.isUrgent && $0.count == 7 })
  }

  @Test func intervalsBeginAtWholeTenMinutes() {
    let starts = FlowReader.starts(at: Instant(seconds: 1_772_445_600 + 601))
    #expect(starts.count == WallboardBounds.flowIntervals && starts.last == Instant(seconds: 1_772_446_200))
    #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == WallboardBounds.flowInterval })
  }

  @Test func todayBeginsInTheZoneOfTheFirstServiceLevel() {
    let now = Instant(seconds: 1_772_445_600)  // 10:00 UTC
    #expect(WallboardReader.today(at: now, under: nil) == Wallboard.Today(zone: "UTC", start: now - .seconds(36_000)))
  }
}
