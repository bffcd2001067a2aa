internal import SystemPrimitives

/// The readiness of this process, set by its parts and read by `/readyz`. Any thread may use it.
public final class HealthState: Sendable {
  /// How long a failing database is tolerated.
  public static let databaseGrace = Duration.seconds(5)

  private let readiness = PthreadMutex(Readiness())
  private let (held, noteHeld) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  private let now: @Sendable () -> ContinuousClock.Instant

  /// - Parameter now: the clock, for tests.
  public init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.now = now
  }

  /// See `Readiness.declare`. Declare every condition before the server starts, or readiness is reported too early.
  public func declare(_ name: String, reason: String = "starting", grace: Duration = .zero) {
    readiness.withLock { $0.declare(name, reason: reason, grace: grace) }
  }

  /// The condition holds.
  public func hold(_ name: String) {
    readiness.withLock { $0.hold(name) }
    noteHeld.yield()
  }

  /// Returns when everything declared so far holds for the first time, or when the task is cancelled. For one caller.
  public func untilReady() async {
    guard !report.ready else { return }
    for await _ in held where report.ready { return }
  }

  /// The condition does not hold. The reason is shown to operators: no customer text, no secrets.
  public func fail(_ name: String, reason: String) {
    let now = now()
    readiness.withLock { $0.fail(name, reason: reason, now: now) }
  }

  /// Permanently not ready.
  public func drain(reason: String = "shutting down") {
    readiness.withLock { $0.drain(reason: reason) }
  }

  /// Whether the process is draining.
  public var isDraining: Bool { readiness.withLock { $0.isDraining } }

  /// The current readiness report.
  public var report: Readiness.Report {
    let now = now()
    return readiness.withLock { $0.report(now: now) }
  }
}
