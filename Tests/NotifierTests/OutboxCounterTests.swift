import DeskCore
import Observability
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives
import TestService
import Testing

@testable import Notifier

@Suite struct OutboxCounterTests {
  private static let gauge = #"frontdesk_outbox_waiting{hook="shop"}"#

  /// A counter that pauses as long as any does, however long a count takes.
  private func counting(
    _ body: (HookDesk, OutboxCounter, _ isLeading: PthreadMutex<Bool>) async throws -> Void
  ) async throws {
    try await HookDesk.with { desk in
      let isLeading = PthreadMutex(true)
      let counter = try await OutboxCounter(
        store: desk.store, clock: DatabaseClock(desk.store.now()),
        leadership: desk.leadership { isLeading.withLock { $0 } }, pause: NotifierBounds.longestCountingPause,
        metrics: desk.metrics, logger: .silent)
      try await body(desk, counter, isLeading)
    }
  }

  private static let done = PeriodicTask.Turn.done(.regular)

  @Test func repliesThatAreNotWithTheirChannelAreCounted() async throws {
    try await counting { desk, counter, _ in
      try await desk.store.pool.executeScript(
        """
        INSERT INTO desk.reply (id, channel, customer, state, state_at, written_at) VALUES
          (gen_random_uuid(), 'web', 'ann', 'queued', now() - interval '1 hour', now() - interval '1 hour'),
          (gen_random_uuid(), 'web', 'ann', 'queued', now(), now()),
          (gen_random_uuid(), 'app', 'ann', 'sent', now(), now())
        """)
      #expect(await counter.runOnce() == Self.done)
      let text = desk.metrics.render()
      #expect(text.contains(#"frontdesk_replies_waiting{channel="web"} 2"#))
      #expect(text.contains(#"frontdesk_replies_waiting_oldest_age_seconds{channel="web"} 36"#))
      #expect(!text.contains(#"channel="app""#))
    }
  }

  @Test func onlyTheLeaderShowsFigures() async throws {
    try await counting { desk, counter, isLeading in
      _ = try await desk.enqueueNotices(2, to: "shop")
      #expect(await counter.runOnce() == Self.done)
      #expect(desk.metrics.render().contains("\(Self.gauge) 2"))
      isLeading.withLock { $0 = false }
      #expect(await counter.runOnce() == .standBy)
      #expect(!desk.metrics.render().contains("frontdesk_outbox_waiting{"))
      isLeading.withLock { $0 = true }
      #expect(await counter.runOnce() == Self.done)
      #expect(desk.metrics.render().contains("\(Self.gauge) 2"))
    }
  }

  @Test func aFailedCountKeepsTheLastFiguresAndIsCounted() async throws {
    try await counting { desk, counter, _ in
      _ = try await desk.enqueueNotices(2, to: "shop")
      #expect(await counter.runOnce() == Self.done)
      _ = try await desk.enqueueNotices(to: "shop", customer: "bob")
      try await desk.run("ALTER TABLE desk.hook_state RENAME TO hidden")
      #expect(await counter.runOnce() == .failed)
      #expect(counter.tasks.map(\.failuresTotal) == [1])
      #expect(desk.metrics.render().contains("\(Self.gauge) 2"))
      try await desk.run("ALTER TABLE desk.hidden RENAME TO hook_state")
      #expect(await counter.runOnce() == Self.done)
      #expect(desk.metrics.render().contains("\(Self.gauge) 3"))
      #expect(counter.tasks.map(\.failuresTotal) == [1])
    }
  }
}
