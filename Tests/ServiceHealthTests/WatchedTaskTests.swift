import Logging
import PostgreSQL
import ServiceLifecycle
import Store
import SystemPrimitives
import TestService
import Testing

@testable import Observability
@testable import ServiceHealth
@testable import ServiceProcess

@Suite("Failures of background tasks")
struct WatchedTaskTests {
  private struct Broken: Error {
    let words = "a customer's words"
  }

  /// A clock that the test controls.
  private final class TurnedClock: Sendable {
    private let offset = PthreadMutex(Duration.zero)
    private let start = ContinuousClock.now

    var now: ContinuousClock.Instant { start + offset.withLock { $0 } }
    func turn(by time: Duration) { offset.withLock { $0 += time } }
  }

  @Test("logs a warning at the third consecutive failure, then at long intervals, and a line on recovery")
  func streak() {
    var streak = FailureStreak()
    let start = ContinuousClock.now
    #expect(streak.fail(at: start) == .quiet)
    #expect(streak.fail(at: start + .seconds(1)) == .quiet)
    #expect(!streak.isReported)
    #expect(streak.fail(at: start + .seconds(2)) == .warning(failures: 3, lasting: .seconds(2)))
    #expect(streak.fail(at: start + .seconds(301)) == .quiet)
    #expect(streak.fail(at: start + .seconds(302)) == .warning(failures: 5, lasting: .seconds(302)))
    #expect(streak.succeed(at: start + .seconds(303)) == .recovery(failures: 5, lasting: .seconds(303)))
    #expect(streak == FailureStreak())
  }

  @Test("a task with long pauses is reported by time, and unreported failures end silently")
  func slowTask() {
    var streak = FailureStreak()
    let start = ContinuousClock.now
    #expect(streak.fail(at: start) == .quiet)
    #expect(streak.succeed(at: start + .seconds(1)) == .quiet)
    #expect(streak.fail(at: start + .seconds(2)) == .quiet)
    let later = start + .seconds(2) + TaskBounds.longestSilence
    #expect(streak.fail(at: later) == .warning(failures: 2, lasting: TaskBounds.longestSilence))
  }

  @Test("the warning names the task and the kind of error, never what the error quotes")
  func warning() async {
    let (clock, lines) = (TurnedClock(), LogRecorder())
    let task = WatchedTask("offers") { clock.now }
    for _ in 0..<10 {
      let outcome: Int? = await task.attempt(lines.logger) { throw Broken() }
      #expect(outcome == nil)
    }
    #expect(lines.count(.warning) == 1 && lines.count(.debug) == 10)
    #expect(lines.loud.contains("offers") && lines.loud.contains("Broken") && !lines.loud.contains("words"))
    clock.turn(by: .seconds(5))
    #expect(task.problem == WatchedTask.Problem(task: "offers", kind: "Broken", failures: 10, lasting: .seconds(5)))
    let outcome = await task.attempt(lines.logger) { 7 }
    #expect(outcome == 7)
    #expect(lines.count(.info) == 1 && task.problem == nil && task.failuresTotal == 10)
  }

  @Test("a cancelled task has not failed")
  func cancelled() async {
    let lines = LogRecorder()
    let task = WatchedTask("offers")
    await task.attempt(lines.logger) { throw CancellationError() }
    await task.attempt(lines.logger) { throw PostgresError(.cancelled, "the task was cancelled") }
    #expect(task.failuresTotal == 0 && lines.count(.debug) == 0)
  }

  private struct Part: WatchedService {
    let tasks: [WatchedTask]
    func run() async throws {}
  }

  @Test("metrics export failures and the time since the last success; problems are sorted longest first")
  func board() async {
    let (clock, lines, metrics) = (TurnedClock(), LogRecorder(), MetricsRegistry())
    let (one, other) = (WatchedTask("one") { clock.now }, WatchedTask("other") { clock.now })
    let board = TaskBoard(metrics: metrics)
    board.watch([Part(tasks: [one, other]), Part(tasks: [one])] as [any Service])
    one.succeed(lines.logger)
    for _ in 0..<3 { other.fail(Broken(), lines.logger) }
    clock.turn(by: .seconds(40))
    for _ in 0..<3 { one.fail(Broken(), lines.logger) }
    let text = metrics.render()
    #expect(text.contains("frontdesk_background_failures_total{task=\"one\"} 3\n"))
    #expect(text.contains("frontdesk_background_age_seconds{task=\"one\"} 40\n"))
    #expect(board.problems.map(\.task) == ["other", "one"])
    board.ask { [WatchedTask.Problem(task: "rows", kind: "k", failures: 1, lasting: .seconds(20))] }
    #expect(board.problems.map(\.task) == ["other", "rows", "one"])
  }

  /// Has other tasks at other times.
  private final class ChangingPart: WatchedService {
    let present = PthreadMutex<[WatchedTask]>([])
    var tasks: [WatchedTask] { present.withLock { $0 } }
    func run() async throws {}
  }

  @Test("tasks that begin and end while the process runs are reported as long as they exist")
  func changingTasks() {
    let (lines, metrics, part) = (LogRecorder(), MetricsRegistry(), ChangingPart())
    let board = TaskBoard(metrics: metrics)
    board.watch([part] as [any Service])
    let task = WatchedTask("claims")
    part.present.withLock { $0 = [task, task] }
    for _ in 0..<TaskBounds.failuresBeforeWarning { task.fail(Broken(), lines.logger) }
    #expect(board.problems.map(\.task) == ["claims"])
    part.present.withLock { $0 = [] }
    #expect(board.problems.isEmpty && !metrics.render().contains("frontdesk_background_failures_total{"))
  }

  @Test("an unresponsive database is logged as a warning and reported as a problem")
  func unreachableDatabase() async throws {
    let (lines, metrics) = (LogRecorder(), MetricsRegistry())
    let pool = PostgresPool(
      try PostgresConfiguration("host=127.0.0.1 port=1 user=desk dbname=desk"),
      limits: PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: 1))
    let health = HealthState()
    let durability = DurabilityWatch(health: health, metrics: metrics, logger: lines.logger)
    let watch = DatabaseWatch(
      pool: pool, health: health, durability: durability, metrics: metrics, logger: lines.logger)
    let board = TaskBoard(metrics: metrics)
    board.watch([watch] as [any Service])
    for _ in 0..<TaskBounds.failuresBeforeWarning {
      await watch.task.attempt(lines.logger) { try await watch.look() }
    }
    #expect(board.problems.map(\.kind) == ["Unreachable"])
    #expect(lines.count(.warning) == 1 && lines.loud.contains("database"))
    await pool.shutdown()
  }

  @Test("a quarantined row is logged once, counted, and reported as a problem while it lasts")
  func setAsideRows() throws {
    let (clock, lines, metrics) = (TurnedClock(), LogRecorder(), MetricsRegistry())
    let rows = SetAsideRows { clock.now }
    let reporter = QuarantineReporter(rows: rows, metrics: metrics, logger: lines.logger)
    rows.setAside(.other(table: "agent_state", key: "ann"), because: PostgresError(.decoding, "no", statement: "s"))
    rows.setAside(.other(table: "agent_state", key: "bob"), because: Broken())
    reporter.announce()
    reporter.announce()
    #expect(lines.count(.warning) == 2 && !lines.loud.contains("words"))
    #expect(metrics.render().contains("frontdesk_rows_set_aside{table=\"agent_state\"} 2\n"))
    let problem = try #require(reporter.problems.first)
    #expect(problem.kind == "agent_state ann: PostgreSQL decoding in s (and 1 more rows)")
  }
}
