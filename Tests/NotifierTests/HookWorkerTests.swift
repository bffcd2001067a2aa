import DeskCore
import Foundation
import PostgreSQL
import Store
import SystemPrimitives
import TestKit
import TestService
import Testing
import Tracing

@testable import Notifier
@testable import Observability

@Suite struct HookWorkerTests {
  @Test func deliversSignedRequestsAndRemovesThem() async throws {
    try await HookDesk.with { desk in
      let endpoint = try LocalEndpoint { _ in "204 No Content" }
      let enqueued = try await desk.enqueueNotices(3, to: "shop")
      let worker = try await desk.worker(desk.hook(at: endpoint.url))
      #expect(try await worker.runOnce() == 3)
      #expect(try await desk.waiting() == 0)
      let requests = endpoint.requests
      #expect(Set(requests.map { $0.headers["webhook-id"] }) == Set(enqueued.map(\.description)))
      for request in requests {
        let timestamp = try #require(request.headers["webhook-timestamp"].flatMap { Int64($0) })
        #expect(
          request.headers["webhook-signature"]
            == WebhookSignature.header(
              secrets: [HookDesk.secret], id: try #require(request.headers["webhook-id"]), timestamp: timestamp,
              body: Array(request.body.utf8)))
        #expect(request.body.hasPrefix(#"{"type":"ticket.queued","timestamp":""#))
        #expect(request.body.contains(#""data":{"number":"#))
      }
    }
  }

  @Test func deliveriesCarryATraceOnlyWhileSpansAreRecorded() async throws {
    try await HookDesk.with { desk in
      let endpoint = try LocalEndpoint { _ in "500 Internal Server Error" }
      _ = try await desk.enqueueNotices(to: "shop")
      #expect(try await desk.worker(desk.hook(at: endpoint.url)).runOnce() == 1)
      #expect(endpoint.requests.map { $0.headers["traceparent"] } == [nil])
      try await desk.hurry()
      let spans = SpanBuffer(metrics: MetricsRegistry())
      let worker = try await desk.worker(desk.hook(at: endpoint.url))
      #expect(try await withTracer(FrontdeskTracer(spans: spans)) { try await worker.runOnce() } == 1)
      let span = try #require(spans.take(9).first { $0.state.name == "deliver hook" })
      #expect(endpoint.requests.last?.headers["traceparent"] == span.trace.traceparent)
      #expect(span.kind == .client && span.state.hasFailed)
      #expect(span.state.attributes.get("http.response.status_code") == .int64(500))
    }
  }

  @Test func everyAttemptIsPartOfTheTraceThatCausedTheDelivery() async throws {
    try await HookDesk.with { desk in
      let endpoint = try LocalEndpoint { _ in "500 Internal Server Error" }
      let cause = try #require(
        TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
      _ = try await desk.enqueueNotices(to: "shop")
      try await desk.run("UPDATE desk.outbox SET traceparent = '\(cause.traceparent)'")
      for _ in 1...2 {
        let spans = SpanBuffer(metrics: MetricsRegistry())
        // A new worker has no back-off.
        let worker = try await desk.worker(desk.hook(at: endpoint.url))
        #expect(try await withTracer(FrontdeskTracer(spans: spans)) { try await worker.runOnce() } == 1)
        let span = try #require(spans.take(9).first { $0.state.name == "deliver hook" })
        #expect(span.trace.traceID == cause.traceID && span.parent == cause.spanID)
        #expect(endpoint.requests.last?.headers["traceparent"] == span.trace.traceparent)
        try await desk.hurry()
      }
    }
  }

  @Test func retriesFailedDeliveriesUnderTheSameID() async throws {
    try await HookDesk.with { desk in
      let endpoint = try LocalEndpoint { _ in "500 Internal Server Error" }
      let enqueued = try await desk.enqueueNotices(to: "shop")
      for attempt in 1...2 {
        // A new worker has no back-off.
        let worker = try await desk.worker(desk.hook(at: endpoint.url))
        #expect(try await worker.runOnce() == 1)
        #expect(try await worker.runOnce() == 0)
        #expect(endpoint.requests.count == attempt)
        try await desk.hurry()
      }
      #expect(endpoint.requests.allSatisfy { $0.headers["webhook-id"] == enqueued[0].description })
      #expect(Set(endpoint.requests.map(\.body)).count == 1)
      let claimed = try await desk.store.outbox.claimNotices(
        for: "shop", by: desk.fresh(), limit: 9, claimTime: .seconds(9))
      #expect(claimed.map(\.attempts) == [2])
    }
  }

  @Test func exhaustedDeliveriesBecomeDeadLetters() async throws {
    try await HookDesk.with { desk in
      let endpoint = try LocalEndpoint { _ in "500 Internal Server Error" }
      let enqueued = try await desk.enqueueNotices(to: "shop")
      let schedule = RetrySchedule(delays: [.seconds(1)], jitter: 0)
      for _ in 1...2 {
        _ = try await desk.worker(desk.hook(at: endpoint.url), schedule: schedule).runOnce()
        try await desk.hurry()
      }
      #expect(try await desk.waiting() == 0)
      let dead = try await desk.store.outbox.deadLetters(includingReplayed: false, limit: 9)
      #expect(dead.map(\.id.description) == enqueued.map(\.description))
      #expect(dead.first?.reason.contains("2 attempts") == true)
    }
  }

  @Test func pausesAHookAfter410KeepingItsDeliveries() async throws {
    try await HookDesk.with { desk in
      let answer = PthreadMutex("410 Gone")
      let endpoint = try LocalEndpoint { _ in answer.withLock { $0 } }
      let enqueued = try await desk.enqueueNotices(2, to: "shop")
      let worker = try await desk.worker(desk.hook(at: endpoint.url, lanes: 1))
      #expect(try await worker.runOnce() == 1)
      #expect(try await worker.runOnce() == 0)
      #expect(try await desk.store.hooks.pausedHooks() == ["shop"])
      #expect(try await desk.store.outbox.deadLetterCount() == 0)
      #expect(try await desk.waiting() == 2)
      // Resumed, all of it is delivered at once, under the same ids.
      answer.withLock { $0 = "200 OK" }
      #expect(try await desk.store.hooks.resumeHook("shop", reason: "it is back"))
      #expect(try await desk.worker(desk.hook(at: endpoint.url)).runOnce() == 2)
      #expect(Set(endpoint.requests.map { $0.headers["webhook-id"] }) == Set(enqueued.map(\.description)))
      #expect(try await desk.waiting() == 0)
    }
  }

  @Test func doesNotDeliverWithoutASignature() async throws {
    try await HookDesk.with { desk in
      let endpoint = try LocalEndpoint { _ in "200 OK" }
      _ = try await desk.enqueueNotices(to: "shop")
      let hook = Hook(
        id: "shop", url: endpoint.url, secrets: [], missingSecrets: ["SHOP_SECRET"], kinds: [.ticketQueued],
        allowsPrivateAddress: true, parallelDeliveries: 4)
      #expect(try await desk.worker(hook).runOnce() == 0)
      #expect(endpoint.requests.isEmpty)
      #expect(try await desk.waiting() == 1)
      let now = PthreadMutex(ContinuousClock.now)
      let held = HeldHooks(
        store: desk.store, metrics: desk.metrics, logger: .silent,
        now: { now.withLock { $0 } })
      await held.update(["shop": try #require(hook.holdReason)])
      let state = try #require(await desk.store.hooks.hookStates().first { $0.hook == "shop" })
      #expect(state.holdReason?.contains("SHOP_SECRET") == true)
      #expect(desk.metrics.render().contains(#"frontdesk_notifier_held_hooks{hook="shop"} 1"#))
      // It is reported again for as long as it lasts, and no longer.
      try await desk.store.pool.executeScript("UPDATE desk.hook_state SET held_at = held_at - interval '1 hour'")
      #expect(try await desk.store.hooks.hookStates().first?.holdReason == nil)
      await held.update(["shop": try #require(hook.holdReason)])
      #expect(try await desk.store.hooks.hookStates().first?.holdReason == nil)
      now.withLock { $0 += NotifierBounds.holdingReport }
      await held.update(["shop": try #require(hook.holdReason)])
      #expect(try await desk.store.hooks.hookStates().first?.holdReason != nil)
      await held.update([:])
      #expect(!desk.metrics.render().contains("frontdesk_notifier_held_hooks{"))
    }
  }

  @Test func doesNotDeliverAReplyWithoutItsText() async throws {
    try await HookDesk.with { desk in
      let endpoint = try LocalEndpoint { _ in "200 OK" }
      // Its body does not name a message.
      _ = try await desk.enqueueNotices(to: "shop", kind: .messageReplied)
      #expect(try await desk.worker(desk.hook(at: endpoint.url)).runOnce() == 1)
      #expect(endpoint.requests.isEmpty)
      #expect(try await desk.waiting() == 1)
      #expect(try await desk.store.hooks.hookStates().first?.lastError == "the notice names no reply")
    }
  }

  @Test func failuresCountUntilADeliverySucceeds() async throws {
    try await HookDesk.with { desk in
      let answer = PthreadMutex("503 Service Unavailable")
      let endpoint = try LocalEndpoint { _ in answer.withLock { $0 } }
      _ = try await desk.enqueueNotices(to: "shop")
      _ = try await desk.worker(desk.hook(at: endpoint.url)).runOnce()
      let failing = try #require(await desk.store.hooks.hookStates().first)
      #expect(failing.failures == 1 && failing.lastError == "the endpoint answered 503" && failing.failingSince != nil)
      answer.withLock { $0 = "200 OK" }
      try await desk.hurry()
      _ = try await desk.worker(desk.hook(at: endpoint.url)).runOnce()
      #expect(try await desk.store.hooks.hookStates().first?.failingSince == nil)
    }
  }

  @Test func doesNotFollowRedirects() async throws {
    try await HookDesk.with { desk in
      let inside = try LocalEndpoint { _ in "200 OK" }
      let endpoint = try LocalEndpoint { _ in "307 Temporary Redirect\r\nLocation: \(inside.url)" }
      _ = try await desk.enqueueNotices(to: "shop")
      #expect(try await desk.worker(desk.hook(at: endpoint.url)).runOnce() == 1)
      #expect(endpoint.requests.count == 1)
      #expect(inside.requests.isEmpty)
      #expect(try await desk.waiting() == 1)
    }
  }

  @Test func hangingHooksDoNotBlockOthers() async throws {
    try await HookDesk.with { desk in
      let hangs = TestSignal()
      let hanging = try LocalEndpoint { _ in
        hangs.fire()
        return nil
      }
      let living = try LocalEndpoint { _ in "200 OK" }
      _ = try await desk.enqueueNotices(4, to: "slow", customer: "ann")
      _ = try await desk.enqueueNotices(4, to: "shop", customer: "bob")
      let slow = try await desk.worker(desk.hook("slow", at: hanging.url), timeout: .seconds(600))
      let hung = Task { try await slow.runOnce() }
      try await hangs.wait()
      let shop = try await desk.worker(desk.hook(at: living.url))
      #expect(try await shop.runOnce() == 4)
      #expect(living.requests.count == 4)
      #expect(try await desk.waiting(for: "slow") == 4)
      hung.cancel()
      _ = try? await hung.value
    }
  }

  @Test(arguments: [
    "http://127.0.0.1:9/", "http://localhost:9/", "http://169.254.169.254/", "http://[::1]:9/", "http://168.63.129.16/",
  ])
  func refusesInternalAddresses(url: String) async throws {
    try await HookDesk.with { desk in
      _ = try await desk.enqueueNotices(to: "shop")
      #expect(try await desk.worker(desk.hook(at: url, allowsPrivateAddress: false)).runOnce() == 1)
      let reasons = try await desk.store.pool.query(
        PostgresStatement<String>("last_errors", "SELECT last_error FROM desk.outbox"))
      #expect(reasons.count == 1)
      #expect(reasons.first?.contains("not public") == true)
    }
  }

  @Test func retriesCrashedDeliveriesUnderTheSameID() async throws {
    try await HookDesk.with { desk in
      let endpoint = try LocalEndpoint { _ in "200 OK" }
      let enqueued = try await desk.enqueueNotices(to: "shop")
      // A process that ended between the endpoint's answer and the deletion leaves a claim, and nothing else.
      let claimed = try await desk.store.outbox.claimNotices(
        for: "shop", by: desk.fresh(), limit: 1, claimTime: .seconds(60))
      #expect(claimed.map(\.id) == enqueued)
      let worker = try await desk.worker(desk.hook(at: endpoint.url))
      #expect(try await worker.runOnce() == 0)
      try await desk.hurry()
      #expect(try await worker.runOnce() == 1)
      #expect(endpoint.requests.map { $0.headers["webhook-id"] } == [enqueued[0].description])
      #expect(try await desk.waiting() == 0)
    }
  }
}
