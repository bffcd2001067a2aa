import DeskCore
import PostgreSQL
import SystemPrimitives
import Testing

@testable import Notifier
@testable import Store

/// What a worker does when its endpoint accepts deliveries again, and which schedule a delivery has.
@Suite struct RecoveryTests {
  private func attemptsWaiting(_ desk: HookDesk) async throws -> [Int16] {
    try await desk.store.pool.query(
      PostgresStatement<Int16>("attempts_waiting", "SELECT attempts FROM desk.outbox ORDER BY attempts"))
  }

  /// How many deliveries are due within half a minute.
  private func dueSoon(_ desk: HookDesk) async throws -> Int64 {
    try await desk.store.pool.query(
      PostgresStatement<Int64>(
        "due_soon", "SELECT count(*) FROM desk.outbox WHERE next_attempt_at < now() + interval '30 s'")
    ).first ?? 0
  }

  @Test func oneSuccessAfterAnOutageWakesTheWaitingRetries() async throws {
    try await HookDesk.with { desk in
      let answer = PthreadMutex("503 Service Unavailable")
      let endpoint = try LocalEndpoint { _ in answer.withLock { $0 } }
      let hook = desk.hook(at: endpoint.url)
      let schedule = RetrySchedule(delays: Array(repeating: .seconds(3_600), count: 5), jitter: 0)
      for customer in ["ann", "bob", "cyn"] {
        _ = try await desk.enqueueNotices(to: "shop", customer: customer)
        // A new worker, because the back-off of the one that has failed lasts.
        #expect(try await desk.worker(hook, schedule: schedule).runOnce() == 1)
      }
      #expect(try await dueSoon(desk) == 0)
      answer.withLock { $0 = "200 OK" }
      _ = try await desk.enqueueNotices(to: "shop", customer: "dan")
      let worker = try await desk.worker(hook, schedule: schedule)
      #expect(try await worker.runOnce() == 1)
      #expect(try await dueSoon(desk) == 0)
      // Its next claim brings the others forward.
      _ = try await worker.runOnce()
      #expect(try await dueSoon(desk) == desk.waiting())
      try await desk.hurry()
      while try await desk.waiting() > 0 { _ = try await worker.runOnce() }
      #expect(endpoint.requests.count == 7)
    }
  }

  @Test func aSuccessBetweenSingleFailuresWakesNothing() async throws {
    try await HookDesk.with { desk in
      let answer = PthreadMutex("500 Internal Server Error")
      let endpoint = try LocalEndpoint { _ in answer.withLock { $0 } }
      let hook = desk.hook(at: endpoint.url)
      let schedule = RetrySchedule(delays: [.seconds(3_600), .seconds(3_600)], jitter: 0)
      _ = try await desk.enqueueNotices(to: "shop", customer: "ann")
      #expect(try await desk.worker(hook, schedule: schedule).runOnce() == 1)
      answer.withLock { $0 = "200 OK" }
      _ = try await desk.enqueueNotices(to: "shop", customer: "bob")
      let worker = try await desk.worker(hook, schedule: schedule)
      #expect(try await worker.runOnce() == 1)
      #expect(try await worker.runOnce() == 0)
      #expect(try await dueSoon(desk) == 0)
      #expect(try await attemptsWaiting(desk) == [1])
    }
  }

  @Test func repliesOfOneTicketArriveInOrderWhileTheFirstIsRetried() async throws {
    try await HookDesk.with { desk in
      let refusals = PthreadMutex(1)
      let endpoint = try LocalEndpoint { _ in
        refusals.withLock { left in
          left -= 1
          return left >= 0 ? "500 Internal Server Error" : "200 OK"
        }
      }
      let hook = desk.hook(at: endpoint.url)
      let enqueued = try await desk.enqueueNotices(3, to: "shop", kind: .confirmationAsked).sorted()
      let schedule = RetrySchedule(delays: [.seconds(3_600)], jitter: 0)
      #expect(try await desk.worker(hook, schedule: schedule).runOnce() == 1)
      #expect(try await desk.worker(hook).runOnce() == 0)
      try await desk.hurry()
      let worker = try await desk.worker(hook)
      for _ in 0..<3 { #expect(try await worker.runOnce() == 1) }
      let ids = endpoint.requests.compactMap { $0.headers["webhook-id"] }
      #expect(ids == [enqueued[0], enqueued[0], enqueued[1], enqueued[2]].map(\.description))
    }
  }

  @Test func theScheduleIsChosenByTheDelivery() async throws {
    try await HookDesk.with { desk in
      let endpoint = try LocalEndpoint { _ in "500 Internal Server Error" }
      let hook = desk.hook(at: endpoint.url)
      let seen = PthreadMutex<[String]>([])
      _ = try await desk.enqueueNotices(to: "shop", kind: .queuePlace)
      let worker = try await desk.worker(
        hook,
        scheduleOf: { notice in
          seen.withLock { $0.append(notice.kind) }
          return RetrySchedule(delays: [.seconds(1)], jitter: 0)
        })
      #expect(try await worker.runOnce() == 1)
      #expect(seen.withLock { $0 } == [NoticeKind.queuePlace.rawValue])
      #expect(try await dueSoon(desk) == 1)
    }
  }

  @Test func aNoticeNamesItsChannel() {
    func channel(_ body: String) -> ChannelID? {
      DeliveryBody.channel(
        of: ClaimedNotice(
          id: NoticeID(high: 1, low: 1), hook: "shop", kind: "message.replied", ticket: TicketID(high: 1, low: 2),
          body: body, createdAt: Instant(seconds: 0), attempts: 0, traceparent: nil))
    }
    #expect(channel(#"{"ticket":"t","channel":"web","message":null}"#) == "web")
    #expect(channel("{}") == nil)
    #expect(channel("not json") == nil)
  }
}
