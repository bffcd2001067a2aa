import DeskCore
import Foundation
import Logging
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import TestService
import TestStore
import Testing

@testable import SLAWatcher

/// Reports at set times: each once for a period.
@Suite struct ReportSchedulerTests {
  private static let ground = """
    version: 1
    queues: { general: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    agents: [{ id: ann, capacity: 4 }]
    channels: { web: { replies: fetch } }
    hooks:
      bi:
        url: https://example.com/hook
        secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
        kinds: [issue.hot]
    reports:
      schedules:

    """
  private static let toHook = """
        daily: { report: outcomes, by: queue, every: day, at: "00:00", time_zone: UTC, format: csv, hook: bi }

    """
  private static let toFile = """
        drawn: { report: path, every: day, at: "00:00", time_zone: UTC, format: svg, language: zh, file: true }

    """

  private func leading(
    _ schedules: String, _ body: (WatchedDesk, _ scheduler: (_ folder: String?) -> ReportScheduler) async throws -> Void
  ) async throws {
    try await WatchedDesk.with { desk in
      _ = try await desk.store.access.applyPolicy(document: Self.ground + schedules, by: "test")
      try await desk.policy.look()
      let watcher = try await desk.watcher()
      // Each has a clock of its own, which trusts the first reading.
      try await body(desk) { folder in
        ReportScheduler(
          store: desk.store, clock: watcher.clock(), policy: desk.policy, leadership: watcher.leadership,
          folder: folder, logger: .silent, wakeOutbox: {})
      }
    }
  }

  private func bodies(_ desk: WatchedDesk) async throws -> [String] {
    try await desk.store.pool.query(
      PostgresStatement<String>(
        "test_report_bodies", "SELECT body FROM desk.outbox WHERE kind = 'report.ready' AND hook = 'bi' ORDER BY body"))
  }

  @Test func aScheduleBeginsWithItsNextPeriodAndMakesUpMissedOnes() async throws {
    try await leading(Self.toHook) { desk, scheduler in
      let now = try await desk.store.now()
      let today = CivilDay(of: now)
      desk.set(now)
      #expect(try await scheduler(nil).round().map(\.outcome) == [.firstSeen])
      #expect(try await scheduler(nil).round().isEmpty)
      #expect(try await bodies(desk).isEmpty, "what was due before the schedule was new is not made")
      // No watcher ran for two days.
      desk.set(now + .seconds(2 * 86_400))
      let made = try await scheduler(nil).round()
      #expect(made.map(\.day) == [today + 1, today + 2] && made.allSatisfy { $0.outcome == .delivered })
      let bodies = try await bodies(desk)
      #expect(bodies.count == 2)
      let first = try #require(JSONValue(json: bodies[0]))
      #expect(first["schedule"]?.text == "daily" && first["period"]?.text == (today + 1).description)
      #expect(first["from"]?.text == today.description && first["to"]?.text == today.description)
      let content = try #require(first["content"]?.text)
      #expect(String(content.unicodeScalars.prefix(15)) == "\u{FEFF}queue,tickets,")
      // A clock that was set back makes nothing again.
      desk.set(now)
      #expect(try await scheduler(nil).round().isEmpty)
    }
  }

  @Test func twoWatchersAtOnceMakeOne() async throws {
    try await leading(Self.toHook) { desk, scheduler in
      let now = try await desk.store.now()
      desk.set(now)
      _ = try await scheduler(nil).round()
      desk.set(now + .seconds(86_400))
      let watchers = (scheduler(nil), scheduler(nil))
      async let first = watchers.0.round()
      async let second = watchers.1.round()
      let made = try await first + second
      #expect(made.count == 1)
      #expect(try await bodies(desk).count == 1)
    }
  }

  @Test func aFileIsPutInPlaceOnce() async throws {
    try await leading(Self.toFile) { desk, scheduler in
      let now = try await desk.store.now()
      desk.set(now)
      _ = try await scheduler(nil).round()
      desk.set(now + .seconds(86_400))
      await #expect(throws: ReportScheduler.NoFolder.self) { try await scheduler(nil).round() }
      let folder = FileManager.default.temporaryDirectory.appending(path: "reports-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      await #expect(throws: ReportFile.Failure.self) { try await scheduler(folder + "/nowhere").round() }
      #expect(try await scheduler(folder).round().count == 1, "a failure is made up")
      let name = "drawn_\(CivilDay(of: now) + 1).svg"
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [name])
      let picture = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      #expect(picture.hasPrefix("<svg ") && picture.contains("服务路径"))
      #expect(try await scheduler(folder).round().isEmpty)
    }
  }
}
