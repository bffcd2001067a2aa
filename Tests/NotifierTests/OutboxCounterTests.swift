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
    by clock: DatabaseClock? = nil,
    _ body: (HookDesk, OutboxCounter, _ isLeading: PthreadMutex<Bool>) async throws -> Void
  ) async throws {
    try await HookDesk.with { desk in
      let isLeading = PthreadMutex(true)
      let clock = if let clock { clock } else { try await DatabaseClock(asking: desk.store) }
      let counter = try await OutboxCounter(
        store: desk.store, clock: clock,
        leadership: desk.leadership { isLeading.withLock { $0 } }, pause: NotifierBounds.longestCountingPause,
        metrics: desk.metrics, logger: .silent)
      try await body(desk, counter, isLeading)
    }
  }

  private static let done = PeriodicTask.Turn.done(.regular)

  @Test func repliesThatAreNotWithTheirChannelAreCounted() async throws {
    let clock = DatabaseClock(Instant(seconds: 1_800_000_000))
    try await counting(by: clock) { desk, counter, _ in
      try await desk.store.pool.executeScript(
        """
        INSERT INTO desk.reply (id, channel, customer, state, state_at, written_at) VALUES
          (gen_random_uuid(), 'web', 'ann', 'queued', to_timestamp(1799996400), to_timestamp(1799996400)),
          (gen_random_uuid(), 'web', 'ann', 'queued', to_timestamp(1800000000), to_timestamp(1800000000)),
          (gen_random_uuid(), 'app', 'ann', 'sent', to_timestamp(1800000000), to_timestamp(1800000000))
        """)
      let earliest = clock.now()
      #expect(await counter.runOnce() == Self.done)
      let latest = clock.now()
      let text = desk.metrics.render()
      #expect(text.contains(#"frontdesk_replies_waiting{channel="web"} 2"#))
      let gauge = #"frontdesk_replies_waiting_oldest_age_seconds{channel="web"} "#
      let line = text.split(separator: "\n").first { $0.hasPrefix(gauge) }
      let age = try #require(line.flatMap { Double($0.dropFirst(gauge.count)) })
      let written = Instant(seconds: 1_799_996_400)
      #expect(((earliest - written).inSeconds...(latest - written).inSeconds).contains(age))
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
