import Logging
import Observability
import ServiceHealth
import Store
import SystemPrimitives
import TestService
import Testing

@testable import PostgreSQL
@testable import ServiceProcess

/// What is reported of commits that are less than promised.
@Suite struct DurabilityWatchTests {
  private final class Clock: Sendable {
    private let time = PthreadMutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { time.withLock { $0 } }
    func turn(_ duration: Duration) { time.withLock { $0 += duration } }
  }

  private static func settings(_ commit: String, standbys: Bool = true, leastMessage: String = "warning")
    -> PostgresDurability
  {
    PostgresDurability(commit: commit, hasSynchronousStandbys: standbys, leastMessage: leastMessage)
  }

  @Test func unconfirmedCommitsAreCountedAndReportedUntilTheyAreOver() {
    let (clock, lines, metrics) = (Clock(), LogRecorder(), MetricsRegistry())
    let watch = DurabilityWatch(health: HealthState(), metrics: metrics, logger: lines.logger) { clock.now }
    watch.note(unconfirmed: 0)
    #expect(watch.problems.isEmpty && lines.count(.warning) == 0)
    watch.note(unconfirmed: 1)
    clock.turn(.seconds(1))
    watch.note(unconfirmed: 3)
    #expect(lines.count(.warning) == 1, "one warning for the first, not one for each")
    clock.turn(.seconds(9))
    watch.note(unconfirmed: 3)
    #expect(
      watch.problems == [
        WatchedTask.Problem(
          task: ServiceInstance.Problem.unconfirmedCommits, kind: "no synchronous standby has confirmed them",
          failures: 3, lasting: .seconds(10))
      ])
    #expect(metrics.render().contains("frontdesk_postgres_commits_unconfirmed_total 3\n"))
    clock.turn(UnconfirmedCommits.quietTime)
    watch.note(unconfirmed: 4)
    #expect(lines.count(.warning) == 2 && watch.problems.first?.failures == 4)
    clock.turn(UnconfirmedCommits.quietTime)
    watch.note(unconfirmed: 4)
    #expect(watch.problems.isEmpty && lines.count(.info) == 1)
    #expect(metrics.render().contains("frontdesk_postgres_commits_unconfirmed_total 4\n"))
  }

  @Test func unsafeSettingsMakeAProcessUnreadyAndWeakOnesAreReported() {
    let (clock, lines) = (Clock(), LogRecorder())
    let health = HealthState { clock.now }
    health.declare(DurabilityWatch.condition)
    let watch = DurabilityWatch(health: health, metrics: MetricsRegistry(), logger: lines.logger) { clock.now }
    #expect(watch.note(Self.settings("on")) && health.report.ready && watch.problems.isEmpty)
    #expect(!watch.note(Self.settings("off", standbys: false)) && !health.report.ready)
    #expect(!watch.note(Self.settings("on", leastMessage: "error")) && !health.report.ready)
    clock.turn(.seconds(5))
    #expect(watch.note(Self.settings("local")) && health.report.ready, "weak commits are commits")
    #expect(watch.problems.map(\.task) == [ServiceInstance.Problem.weakCommits])
    #expect(watch.problems.map(\.lasting) == [.seconds(5)])
    #expect(lines.count(.warning) == 3 && lines.loud.contains("synchronous_commit is local"))
    #expect(watch.note(Self.settings("remote_apply")) && watch.problems.isEmpty)
  }
}
